#include "pricing/price_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <semaphore>
#include <stop_token>
#include <string>
#include <vector>

#include "pricing/price_watch.h"
#include "pricing/priced_for_test.h"

namespace pricing {
namespace {

namespace fs = std::filesystem;

class PriceFilesTest : public testing::Test {
 protected:
  PriceFilesTest() : data_(fs::path(testing::TempDir()) / ("prices-" + std::to_string(Unique()))) {
    fs::remove_all(data_);
  }
  ~PriceFilesTest() override { fs::remove_all(data_); }

  static unsigned Unique() {
    static std::atomic<unsigned> next = 0;
    return next++ + static_cast<unsigned>(::getpid()) * 1'000U;
  }

  static std::string Priced(const std::string& input) {
    return "providers: { p: { models: { m: { prices: [{ USD: { input: " + input + " } }] } } } }";
  }

  const fs::path data_;
};

TEST_F(PriceFilesTest, AnImportIsKeptAsItWasGivenForItsOwnerOnly) {
  ASSERT_TRUE(StoreImport(data_, "mine.yaml", Priced("1"), false));
  const fs::path path = data_ / "prices" / "fill" / "mine.yaml";
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), Priced("1"));
  const auto mode = [](const fs::path& of) { return static_cast<unsigned>(fs::status(of).permissions()); };
  EXPECT_EQ(mode(path), 0600U);
  for (const fs::path& folder : {data_, data_ / "prices", data_ / "prices" / "fill"})
    EXPECT_EQ(mode(folder), 0700U);
}

TEST_F(PriceFilesTest, AnImportReplacesTheOneOfItsNameOfEitherKind) {
  ASSERT_TRUE(StoreImport(data_, "a", Priced("1"), false));
  ASSERT_TRUE(StoreImport(data_, "b", Priced("2"), false));
  ASSERT_TRUE(StoreImport(data_, "a", Priced("3"), true));
  const Imports imports = LoadImports(data_);
  ASSERT_EQ(imports.overrides.size(), 1U);
  EXPECT_EQ(imports.overrides[0].origin, "import a");
  ASSERT_EQ(imports.fills.size(), 1U);
  EXPECT_EQ(imports.fills[0].origin, "import b");
  EXPECT_TRUE(imports.problems.empty());
}

TEST_F(PriceFilesTest, WithoutADataDirectoryThereAreNone) {
  EXPECT_TRUE(LoadImports(data_).overrides.empty());
  EXPECT_EQ(ImportsStamp(data_), "");
}

TEST_F(PriceFilesTest, AFileThatCannotBeReadIsLeftOutAndNamed) {
  ASSERT_TRUE(StoreImport(data_, "good", Priced("1"), false));
  ASSERT_TRUE(StoreImport(data_, "bad", "what is this?", false));
  const Imports imports = LoadImports(data_);
  EXPECT_EQ(imports.fills.size(), 1U);
  ASSERT_EQ(imports.problems.size(), 1U);
  EXPECT_NE(imports.problems[0].find("fill/bad are left out"), std::string::npos);
}

TEST_F(PriceFilesTest, NamesThatLeadElsewhereAreRefused) {
  for (const char* name : {"", ".", "..", "../x", "a/b", ".hidden", "a b", "x.tmp", "\n"}) {
    const auto stored = StoreImport(data_, name, Priced("1"), false);
    ASSERT_FALSE(stored) << name;
    EXPECT_EQ(stored.error().code, base::Code::kInvalid) << name;
  }
  EXPECT_FALSE(fs::exists(data_));
}

TEST_F(PriceFilesTest, ThereIsRoomForSoManyOfEachKind) {
  for (std::size_t i = 0; i < kImportsMax; ++i)
    ASSERT_TRUE(StoreImport(data_, std::to_string(i), Priced("1"), false));
  EXPECT_TRUE(StoreImport(data_, "3", Priced("2"), false));  // instead of an old one
  const auto more = StoreImport(data_, "more", Priced("1"), false);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, base::Code::kTooLarge);
}

TEST_F(PriceFilesTest, TheStampChangesWithEachImport) {
  ASSERT_TRUE(StoreImport(data_, "a", Priced("1"), false));
  const std::string first = ImportsStamp(data_);
  EXPECT_EQ(ImportsStamp(data_), first);
  ASSERT_TRUE(StoreImport(data_, "a", Priced("2"), false));
  const std::string second = ImportsStamp(data_);
  EXPECT_NE(second, first);
  ASSERT_TRUE(StoreImport(data_, "a", Priced("2"), true));
  EXPECT_NE(ImportsStamp(data_), second);
}

// A watch that looks when the test says so.
class PriceWatchTest : public PriceFilesTest {
 protected:
  void TearDown() override { watch_.reset(); }

  void Start() {
    const auto settings = std::make_shared<const config::Settings>();
    auto loaded = LoadBook(data_, *settings);
    ASSERT_TRUE(loaded) << loaded.error().detail;
    book_ = loaded->book;
    watch_ = PriceWatch::Start(
        settings, loaded->stamp, data_,
        {.wait =
             [this](const std::stop_token& stop) {
               idle_.release();
               const std::stop_callback wake(stop, [this] { go_.release(); });
               go_.acquire();
               return !stop.stop_requested();
             },
         .put_in_force = [this](std::shared_ptr<const Book> book) { book_ = std::move(book); },
         .on_error = [this](const base::Error& error) { errors_.push_back(error.detail); }});
    idle_.acquire();
  }

  void Look() {
    go_.release();
    idle_.acquire();
  }

  base::Result<> Use(const config::Settings& settings) {
    return watch_->Use(std::make_shared<const config::Settings>(settings),
                       [this](std::shared_ptr<const Book> book) -> base::Result<> {
                         book_ = std::move(book);
                         return {};
                       });
  }

  // A config with the provider p, whose model m costs 1 CNY.
  static config::Settings InYuan() {
    config::Settings settings;
    settings.providers["p"].base_url = config::Url::Parse("https://p.example").value();
    settings.providers["p"].currency = base::Currency::kCny;
    settings.prices["p/m"].currency = base::Currency::kCny;
    settings.prices["p/m"].amounts[0] = base::kPico;
    return settings;
  }

  // "0.15 USD": what is in force.
  std::string Input(std::string_view provider, std::string_view model) const {
    const base::Currency currency = book_->CurrencyOf(provider);
    std::string why;
    const PriceVersion* version =
        book_->VersionAt(book_->Find(provider, model), currency, 0,
                         {At("2026-11-30T12:00:00Z"), At("2026-11-30T12:00:00Z")}, &why);
    if (version == nullptr) return why;
    return PrintRate(version->rates, chat::Meter::kInput) + " " + std::string(currency.code());
  }

  std::counting_semaphore<> go_{0};
  std::counting_semaphore<> idle_{0};
  // Written by the watch's thread while the test waits for it.
  std::shared_ptr<const Book> book_;
  std::vector<std::string> errors_;
  std::unique_ptr<PriceWatch> watch_;
};

constexpr std::string_view kContradiction = "providers: { q: { models: { m: { prices: [{ as: n }] } } } }";

TEST_F(PriceWatchTest, AnImportOfAnotherProcessIsSeenAtTheNextLook) {
  Start();
  EXPECT_EQ(Input("deepseek", "deepseek-flash"), "0.15 USD");
  EXPECT_EQ(Input("p", "m"), "no price of this model is known");
  ASSERT_TRUE(StoreImport(data_, "mine.yaml", Priced("7"), false));
  Look();
  EXPECT_EQ(Input("p", "m"), "7 USD");
}

TEST_F(PriceWatchTest, ABookIsMadeOnlyWhenSomethingChanged) {
  Start();
  const auto before = book_;
  Look();
  EXPECT_EQ(book_, before);
}

TEST_F(PriceWatchTest, ABrokenImportIsToldOnceAndTheOthersHold) {
  ASSERT_TRUE(StoreImport(data_, "good", Priced("1"), false));
  Start();
  ASSERT_TRUE(StoreImport(data_, "bad", "?", false));
  Look();
  Look();
  EXPECT_EQ(errors_.size(), 1U);
  EXPECT_EQ(Input("p", "m"), "1 USD");
}

TEST_F(PriceWatchTest, AnImportThatContradictsItselfLeavesThePricesAsTheyWere) {
  ASSERT_TRUE(StoreImport(data_, "good", Priced("1"), false));
  Start();
  ASSERT_TRUE(StoreImport(data_, "bad", kContradiction, false));
  Look();
  Look();
  EXPECT_EQ(errors_.size(), 1U);
  EXPECT_EQ(Input("p", "m"), "1 USD");
}

TEST_F(PriceWatchTest, SettingsOfAReloadAreInForceWhenItReturns) {
  ASSERT_TRUE(StoreImport(data_, "mine", Priced("7"), true));
  Start();
  EXPECT_EQ(Input("p", "m"), "7 USD");
  ASSERT_TRUE(Use(InYuan()));
  EXPECT_EQ(Input("p", "m"), "1 CNY");
}

TEST_F(PriceWatchTest, AnImportAfterAReloadIsPutInForceWithTheNewSettings) {
  Start();
  ASSERT_TRUE(Use(InYuan()));
  ASSERT_TRUE(StoreImport(data_, "mine", Priced("7"), false));
  const auto before = book_;
  Look();
  EXPECT_NE(book_, before);
  EXPECT_EQ(Input("p", "m"), "1 CNY");
}

TEST_F(PriceWatchTest, AReloadWhoseBookCannotBeMadePutsNothingInForce) {
  Start();
  ASSERT_TRUE(StoreImport(data_, "bad", kContradiction, false));
  const auto before = book_;
  const auto used = Use(InYuan());
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, base::Code::kInvalid);
  EXPECT_EQ(book_, before);
  ASSERT_TRUE(StoreImport(data_, "bad", Priced("7"), false));
  Look();
  EXPECT_EQ(Input("p", "m"), "7 USD");  // by the settings from before the reload
}

TEST_F(PriceWatchTest, AReloadThatIsRefusedElsewhereLeavesTheWatchWithItsSettings) {
  Start();
  const auto settings = std::make_shared<const config::Settings>(InYuan());
  const auto used = watch_->Use(settings, [](const std::shared_ptr<const Book>&) -> base::Result<> {
    return base::Fail(base::Code::kInvalid, "no");
  });
  ASSERT_FALSE(used);
  ASSERT_TRUE(StoreImport(data_, "mine", Priced("7"), false));
  Look();
  EXPECT_EQ(Input("p", "m"), "7 USD");
}

}  // namespace
}  // namespace pricing
