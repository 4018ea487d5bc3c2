// The precompiled header of test programs with Asio.
#pragma once

#include <gtest/gtest.h>

#include "component/runtime/asio_pch.hpp"
