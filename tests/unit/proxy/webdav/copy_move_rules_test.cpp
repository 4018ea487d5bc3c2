// RFC 4918 §9.8, §9.9: which transfers are done, and how they are answered.
#include "proxy/webdav/copy_move_rules.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

using Segments = std::vector<std::string>;

TransferFacts copy_of_file() {
  return {.method = TransferMethod::copy,
          .relation = PathRelation::apart,
          .source = ResourceKind::file,
          .destination = ResourceKind::unmapped,
          .destination_parent = ResourceKind::collection};
}

TransferFacts of_folder(TransferMethod method) {
  TransferFacts facts = copy_of_file();
  facts.method = method;
  facts.source = ResourceKind::collection;
  return facts;
}

std::string_view refusal_of(const TransferFacts& facts) {
  return refusal(plan_transfer(facts));
}

// DAV-29, DAV-31
TEST(CopyMoveRules, CreateWhatWasNotThere) {
  for (const TransferMethod method : {TransferMethod::copy, TransferMethod::move}) {
    TransferFacts facts = copy_of_file();
    facts.method = method;
    const auto plan = plan_transfer(facts);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->success_status, 201);
    EXPECT_FALSE(plan->deletes_destination);
  }
}

// DAV-29, DAV-30, DAV-31: RFC 4918 §9.8.4, §9.9.3.
TEST(CopyMoveRules, ReplaceWhatIsThereAsAWhole) {
  for (const ResourceKind kind : {ResourceKind::file, ResourceKind::collection}) {
    TransferFacts facts = copy_of_file();
    facts.destination = kind;
    facts.overwrite = "T";
    const auto plan = plan_transfer(facts);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->success_status, 204);
    EXPECT_TRUE(plan->deletes_destination);
  }
}

// DAV-29, DAV-32: RFC 4918 §9.8.7.
TEST(CopyMoveRules, KeepWhatIsThereWithOverwriteF) {
  TransferFacts facts = copy_of_file();
  facts.overwrite = "F";
  EXPECT_EQ(refusal_of(facts), "");
  facts.destination = ResourceKind::file;
  EXPECT_EQ(refusal_of(facts), errors::destination_exists.name);
  facts.overwrite = "maybe";
  EXPECT_EQ(refusal_of(facts), errors::bad_overwrite.name);
}

// DAV-29: RFC 4918 §9.8.3.
TEST(CopyMoveRules, CopyACollectionAloneOrWithItsMembers) {
  TransferFacts facts = of_folder(TransferMethod::copy);
  EXPECT_TRUE(plan_transfer(facts)->includes_members);
  facts.depth = "infinity";
  EXPECT_TRUE(plan_transfer(facts)->includes_members);
  facts.depth = "0";
  EXPECT_FALSE(plan_transfer(facts)->includes_members);
  facts.depth = "1";
  EXPECT_EQ(refusal_of(facts), errors::bad_depth.name);
}

// DAV-31: RFC 4918 §9.9.2.
TEST(CopyMoveRules, MoveACollectionAsAWholeOnly) {
  TransferFacts facts = of_folder(TransferMethod::move);
  EXPECT_TRUE(plan_transfer(facts)->includes_members);
  facts.depth = "0";
  EXPECT_EQ(refusal_of(facts), errors::bad_depth.name);
  facts.source = ResourceKind::file;  // §10.2: of a file the header is ignored
  EXPECT_EQ(refusal_of(facts), "");
}

// DAV-29, DAV-31
TEST(CopyMoveRules, RefuseAResourceOntoItself) {
  TransferFacts facts = copy_of_file();
  facts.relation = PathRelation::same;
  facts.destination = ResourceKind::file;
  EXPECT_EQ(refusal_of(facts), errors::same_resource.name);
  facts.overwrite = "F";
  EXPECT_EQ(refusal_of(facts), errors::same_resource.name);
}

// DAV-33
TEST(CopyMoveRules, RefuseACollectionBelowItself) {
  for (const TransferMethod method : {TransferMethod::copy, TransferMethod::move}) {
    TransferFacts facts = of_folder(method);
    facts.relation = PathRelation::destination_below_source;
    EXPECT_EQ(refusal_of(facts), errors::into_itself.name);
  }
  TransferFacts alone = of_folder(TransferMethod::copy);
  alone.relation = PathRelation::destination_below_source;
  alone.depth = "0";
  EXPECT_EQ(refusal_of(alone), "");
}

// DAV-33: the destination is deleted first, and would take the source with it.
TEST(CopyMoveRules, RefuseToReplaceTheCollectionThatHoldsTheSource) {
  TransferFacts facts = copy_of_file();
  facts.relation = PathRelation::destination_above_source;
  facts.destination = ResourceKind::collection;
  EXPECT_EQ(refusal_of(facts), errors::over_ancestor.name);
}

// DAV-07, DAV-29, DAV-33
TEST(CopyMoveRules, NeedACollectionThatHoldsTheDestination) {
  TransferFacts facts = copy_of_file();
  facts.destination_parent = ResourceKind::unmapped;
  EXPECT_EQ(refusal_of(facts), errors::parent_missing.name);
  facts.destination_parent = ResourceKind::file;
  EXPECT_EQ(refusal_of(facts), errors::parent_not_collection.name);
  facts.relation = PathRelation::destination_below_source;  // below the file that is copied
  EXPECT_EQ(refusal_of(facts), errors::parent_not_collection.name);
}

TEST(CopyMoveRules, NeedASource) {
  TransferFacts facts = copy_of_file();
  facts.source = ResourceKind::unmapped;
  EXPECT_EQ(refusal_of(facts), errors::source_missing.name);
}

TEST(CopyMoveRules, CompareWholeSegments) {
  const Segments a{"a"};
  const Segments ab{"a", "b"};
  const Segments other{"ab"};
  EXPECT_EQ(relate(a, a), PathRelation::same);
  EXPECT_EQ(relate(a, ab), PathRelation::destination_below_source);
  EXPECT_EQ(relate(ab, a), PathRelation::destination_above_source);
  EXPECT_EQ(relate(a, other), PathRelation::apart);
}

}  // namespace
}  // namespace bellhop::webdav
