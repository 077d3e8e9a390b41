#include "gateway/names.h"

#include "gateway/models.h"
#include "gateway/played_gateway_for_test.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

Reply ListOf(std::string_view id) {
  return {.body = R"({"data":[{"id":")" + std::string(id) + R"("}]})"};
}

class NamesTest : public PlayedGateway {
 protected:
  ~NamesTest() override {
    thread_.Do([this] { renewing_->Fire(base::Code::kUnavailable); });
  }

  void Start() {
    Open([](net::Exchange&) -> net::Task<void> { co_return; });
  }
  // Asks whoever has to be asked for a list, whatever is known.
  void Learn() {
    Pass(1ns);  // so that what is known has an age
    thread_.Await<bool>([&]() -> net::Task<bool> {
      net::Cancel cancel;
      co_await LearnModels(settings_, *directory_, *pools_, thread_.loop(), cancel,
                           {.names = 0ns, .failure = 0ns});
      co_return true;
    });
  }
  void Renew() {
    thread_.Do([this] { RenewModels(settings_, *directory_, *pools_, thread_.loop(), renewing_); });
  }
  std::shared_ptr<const upstream::ModelNames> NamesOf(std::string_view provider) {
    return directory_->Find(provider)->model_list().Known();
  }
  ListsNeed NeedOf(std::string_view name) { return NeedOfLists(settings_, *directory_, clock_.Now(), name); }
  std::string GoesTo(std::string_view name) {
    const auto target = routing::Resolve(settings_, name, ListedIn(*directory_));
    return target ? target->provider : "nobody";
  }
  bool Allows(std::vector<std::string> models, std::string_view name) {
    store::KeyRecord key;
    key.models = std::move(models);
    const routing::Listed listed = ListedIn(*directory_);
    return Allowed(&key, settings_, listed).Has(name);
  }

  const std::shared_ptr<net::Cancel> renewing_ = std::make_shared<net::Cancel>();
};

// ---- what a name needs

TEST_F(NamesTest, NameWaitsUntilSomeListHasIt) {
  Add("a").replies = {ListOf("x")};
  Start();
  EXPECT_EQ(NeedOf("x"), ListsNeed::kAsking);
  Learn();
  EXPECT_EQ(NeedOf("x"), ListsNeed::kNothing);
  EXPECT_EQ(NeedOf("y"), ListsNeed::kAsking);
}

TEST_F(NamesTest, ListIsYoungForFiveMinutesAndOldAfterwards) {
  Add("a").replies = {ListOf("x")};
  Start();
  Learn();
  Pass(kListKept);
  EXPECT_EQ(NeedOf("x"), ListsNeed::kNothing);
  Pass(1ns);
  EXPECT_EQ(NeedOf("x"), ListsNeed::kRenewal);
}

TEST_F(NamesTest, ListThatCouldNotBeHadAgainIsAskedForSooner) {
  Add("a").replies = {ListOf("x"), {.status = 500}};
  Start();
  Learn();
  Learn();
  EXPECT_EQ(NeedOf("x"), ListsNeed::kNothing);
  Pass(kListAgain + 1ns);
  EXPECT_EQ(NeedOf("x"), ListsNeed::kRenewal);
}

TEST_F(NamesTest, YoungListIsEnoughWhereAnOlderOneHasTheNameToo) {
  Add("a").replies = {ListOf("x"), {.status = 500}};
  Add("b").replies = {ListOf("x")};
  Start();
  Learn();
  Learn();
  Pass(kListAgain + 1ns);
  EXPECT_EQ(NeedOf("x"), ListsNeed::kNothing);
}

TEST_F(NamesTest, NamesThatTheSettingsKnowNeedNoList) {
  Add("a");
  settings_.providers["a"].models = {"x"};
  Add("b");
  Start();
  EXPECT_EQ(NeedOf("x"), ListsNeed::kNothing);
  EXPECT_EQ(NeedOf("b/anything"), ListsNeed::kNothing);
  EXPECT_EQ(NeedOf("y"), ListsNeed::kAsking);
}

// ---- renewal

TEST_F(NamesTest, RenewalWaitsForNobodyAndAsksOnceAtATime) {
  PlayedProvider& a = Add("a");
  a.replies = {ListOf("old"), ListOf("new")};
  PlayedProvider& b = Add("b");
  b.replies = {ListOf("y"), {.stalls = true}};
  Start();
  Learn();
  Pass(kListKept + 1s);
  for (int i = 0; i < 3; ++i) Renew();
  thread_.Until([&] { return NamesOf("a")->Has("new") && b.stalling; });
  EXPECT_FALSE(NamesOf("a")->Has("old"));
  EXPECT_EQ(a.heard.size(), 2u);
  EXPECT_EQ(b.heard.size(), 2u);
  EXPECT_TRUE(NamesOf("b")->Has("y"));
}

TEST_F(NamesTest, RenewalThatGetsNoListInTimeKeepsTheOldOne) {
  PlayedProvider& a = Add("a");
  a.replies = {ListOf("x"), {.stalls = true}};
  Start();
  Learn();
  Pass(kListKept + 1s);
  Renew();
  thread_.Until([&] { return a.stalling; });
  Pass(upstream::ModelList::kPatience + 20ms);
  thread_.Until([&] { return a.given_up && !NamesOf("a")->known(); });
  EXPECT_EQ(NamesOf("a")->missing(), "it did not list its models in time");
  EXPECT_TRUE(NamesOf("a")->Has("x"));
}

TEST_F(NamesTest, RenewalOutlivesTheDirectoryAndThePoolsItBeganWith) {
  PlayedProvider& a = Add("a");
  a.replies = {ListOf("x"), {.stalls = true}};
  Start();
  Learn();
  Pass(kListKept + 1s);
  Renew();
  thread_.Until([&] { return a.stalling; });
  thread_.Do([this] {
    pools_->Retain(upstream::Directory());
    directory_.reset();
  });
  thread_.Do([this] { renewing_->Fire(base::Code::kUnavailable); });
  thread_.Until([&] { return a.given_up; });
}

// ---- whose a name is

TEST_F(NamesTest, OldListStillSaysWhoseANameIs) {
  Add("a").replies = {ListOf("x")};
  Add("b").replies = {ListOf("y"), {.status = 500}};
  Start();
  Learn();
  Learn();
  EXPECT_EQ(GoesTo("y"), "b");
  EXPECT_EQ(GoesTo("z"), "nobody");
}

TEST_F(NamesTest, NameOfTheFamilyGoesToAProviderWhoseListIsOnlyAnOldOne) {
  Add("a").replies = {ListOf("x")};
  Add("openai").replies = {ListOf("gpt-5"), {.status = 500}};
  Start();
  Learn();
  EXPECT_EQ(GoesTo("gpt-6"), "nobody");
  Learn();
  EXPECT_EQ(GoesTo("gpt-6"), "openai");
  EXPECT_EQ(GoesTo("something"), "nobody");
}

TEST_F(NamesTest, KeysModelsAreComparedByWhatTheyMean) {
  Add("a").replies = {ListOf("x")};
  Add("b").replies = {ListOf("y")};
  Start();
  Learn();
  EXPECT_TRUE(Allows({"a/x"}, "x"));
  EXPECT_TRUE(Allows({"x"}, "a/x"));
  EXPECT_TRUE(Allows({}, "y"));
  EXPECT_FALSE(Allows({"a/x"}, "y"));
}

TEST_F(NamesTest, AliasIsOnlyEverItself) {
  Add("a");
  settings_.models["m"].ladder = {{"a", "x"}};
  Start();
  EXPECT_TRUE(Allows({"m"}, "m"));
  EXPECT_FALSE(Allows({"m"}, "a/x"));
  EXPECT_FALSE(Allows({"a/x"}, "m"));
}

TEST_F(NamesTest, HintNamesOnlyWhatTheKeyMayUse) {
  Add("a");
  settings_.models["assistant"].ladder = {{"a", "x"}};
  settings_.models["assistance"].ladder = {{"a", "x"}};
  Start();
  const std::vector<std::string> names = KnownNames(settings_, *directory_, "asistant");
  store::KeyRecord key;
  key.models = {"assistant"};
  const routing::Listed listed = ListedIn(*directory_);
  EXPECT_EQ(Allowed(&key, settings_, listed).Hint("asistant", names), " did you mean 'assistant'?");
  EXPECT_EQ(Allowed(&key, settings_, listed).Hint("zzz", names), "");
}

TEST_F(NamesTest, NameThatTwoProvidersHaveIsHintedAtOnce) {
  Start();
  const std::vector<std::string> names = {"deepseek-flash", "gpt-4o", "deepseek-flash"};
  EXPECT_EQ(Allowed(nullptr, settings_, ListedIn(*directory_)).Hint("deepseek-flesh", names),
            " did you mean 'deepseek-flash'?");
}

TEST_F(NamesTest, SlipInAProvidersNameIsHintedAtWithTheSameModel) {
  Add("deepseek");
  Start();
  const std::vector<std::string> names = KnownNames(settings_, *directory_, "depseek/m");
  EXPECT_EQ(Allowed(nullptr, settings_, ListedIn(*directory_)).Hint("depseek/m", names),
            " did you mean 'deepseek/m'?");
}

}  // namespace
}  // namespace gateway
