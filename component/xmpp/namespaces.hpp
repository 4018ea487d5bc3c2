// Every XML namespace and every feature name that Bellhop reads or writes, once.
#pragma once

#include <string_view>

namespace bellhop::xmpp::ns {

// Streams and stanzas (RFC 6120 §4.8, XEP-0114 §3).
inline constexpr std::string_view kComponentAccept = "jabber:component:accept";
inline constexpr std::string_view kClient = "jabber:client";
inline constexpr std::string_view kServer = "jabber:server";
inline constexpr std::string_view kStreams = "http://etherx.jabber.org/streams";
inline constexpr std::string_view kStreamErrors = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr std::string_view kStanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr std::string_view kXml = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view kXmlns = "http://www.w3.org/2000/xmlns/";

// Discovery, forms, capabilities.
inline constexpr std::string_view kDiscoInfo = "http://jabber.org/protocol/disco#info";
inline constexpr std::string_view kDiscoItems = "http://jabber.org/protocol/disco#items";
inline constexpr std::string_view kDataForms = "jabber:x:data";  // XEP-0004
inline constexpr std::string_view kFormValidation = "http://jabber.org/protocol/xdata-validate";
inline constexpr std::string_view kServerInfo = "http://jabber.org/network/serverinfo";  // XEP-0157
inline constexpr std::string_view kCaps = "http://jabber.org/protocol/caps";             // XEP-0115
inline constexpr std::string_view kCaps2 = "urn:xmpp:caps";                              // XEP-0390
inline constexpr std::string_view kHashes = "urn:xmpp:hashes:2";                         // XEP-0300
inline constexpr std::string_view kResultSets = "http://jabber.org/protocol/rsm";        // XEP-0059

// Basic services.
inline constexpr std::string_view kPing = "urn:xmpp:ping";                            // XEP-0199
inline constexpr std::string_view kVersion = "jabber:iq:version";                     // XEP-0092
inline constexpr std::string_view kLastActivity = "jabber:iq:last";                   // XEP-0012
inline constexpr std::string_view kEntityTime = "urn:xmpp:time";                      // XEP-0202
inline constexpr std::string_view kDelay = "urn:xmpp:delay";                          // XEP-0203
inline constexpr std::string_view kVcard = "vcard-temp";                              // XEP-0054
inline constexpr std::string_view kCommands = "http://jabber.org/protocol/commands";  // XEP-0050
inline constexpr std::string_view kAdmin = "http://jabber.org/protocol/admin";        // XEP-0133
inline constexpr std::string_view kRegister = "jabber:iq:register";                   // XEP-0077
inline constexpr std::string_view kHints = "urn:xmpp:hints";                          // XEP-0334
/// XEP-0106 §6: a feature name, not a namespace.
inline constexpr std::string_view kJidEscaping = "jid\\20escaping";

// Bytestreams.
inline constexpr std::string_view kBytestreams = "http://jabber.org/protocol/bytestreams";  // 0065

// Files over HTTP.
inline constexpr std::string_view kHttpAuth = "http://jabber.org/protocol/http-auth";  // XEP-0070
inline constexpr std::string_view kUpload = "urn:xmpp:http:upload:0";                  // XEP-0363
/// XEP-0363 before version 0.3: child elements where later versions have attributes.
inline constexpr std::string_view kUploadOld = "urn:xmpp:http:upload";
inline constexpr std::string_view kUploadPurpose = "urn:xmpp:http:upload:purpose:0";
inline constexpr std::string_view kOutOfBand = "jabber:iq:oob";  // XEP-0066 §2
// Files.
/// XEP-0129 §5, §8.1: namespace and feature name.
inline constexpr std::string_view kWebdavFiles = "http://www.xmpp.org/extensions/xep-0129.html#ns";
/// As example 4 of XEP-0129 has it.
inline constexpr std::string_view kWebdavFilesMisspelt =
    "http://www.xmpp.org/extensions/xep-0129#ns";

// Media.
inline constexpr std::string_view kExtdisco = "urn:xmpp:extdisco:2";  // XEP-0215
/// XEP-0215 before version 0.7; clients in use ask for either.
inline constexpr std::string_view kExtdiscoOld = "urn:xmpp:extdisco:1";
// XEP-0278 §7: namespaces and feature names.
inline constexpr std::string_view kJingleNodes = "http://jabber.org/protocol/jinglenodes";
inline constexpr std::string_view kJingleNodesChannel =
    "http://jabber.org/protocol/jinglenodes#channel";
inline constexpr std::string_view kJingleNodesTurn =
    "http://jabber.org/protocol/jinglenodes#turncredentials";

}  // namespace bellhop::xmpp::ns
