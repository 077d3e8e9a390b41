"""Each check of tidy passes a good small tree and fails on the one thing that is wrong with it."""

import pathlib
import shutil
import tempfile
import unittest

import text
import tidy
import tree

STYLE = pathlib.Path(__file__).resolve().parents[2] / "STYLE.md"

GOOD = {
    "ARCHITECTURE.md": (
        "| room | a line of code lives here if ... | may include |\n|---|---|---|\n"
        "| `base` | all need it | - |\n| `net` | bytes | base |\n| `cache` | answers | base |\n"
        "| `apps` | main | base, net, cache |\n"),
    "README.md": "# Sluice\n\n## Use\n\nSee [the map](ARCHITECTURE.md#rooms) and [home](https://example.com).\n",
    "README.zh-CN.md": "# Sluice\n\n## 使用\n",
    "src/CMakeLists.txt": "add_subdirectory(base)\n",
    "src/base/README.md": "# base\n",
    "src/base/CMakeLists.txt": "sluice_room(base SOURCES clock.cc)\n",
    "src/base/clock.cc": (
        '#include "base/clock.h"\n\nauto Now() { return std::chrono::steady_clock::now(); }\n'),
    "src/base/clock.h": "#pragma once\n",
    "src/net/README.md": "# net\n",
    "src/net/CMakeLists.txt": "sluice_room(net\n  SOURCES loop.cc\n  DEPS base)\n",
    "src/net/loop.cc": (
        '#include <cstdio>\n\n#include "base/clock.h"\n\n// Never printf( here.\nint Run() { return 0; }\n'),
    "src/cache/README.md": "# cache\n",
    "src/cache/exact.h": "#pragma once\n\n#include \"base/clock.h\"\n",
    "src/apps/README.md": "# apps\n",
    "src/apps/CMakeLists.txt": "sluice_program(sluice SOURCES main.cc DEPS net cache)\n",
    "src/apps/main.cc": 'int main() { return std::getenv("HOME") == nullptr; }\n',
}


def long_function(head, lines):
    return head + " {\n" + "  Step();\n" * (lines - 2) + "}\n"


class TidyTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        for path, content in GOOD.items():
            self.put(path, content)
        shutil.copy(STYLE, self.root / "STYLE.md")
        # The links of the real STYLE.md lead to files of the real tree.

    def put(self, path, content):
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())

    def findings(self):
        return [str(finding) for finding in tidy.check(self.root)[0]]

    def expect(self, *wanted):
        """Exactly these findings, each known by how it begins."""
        found = self.findings()
        self.assertEqual(len(found), len(wanted), "\n".join(found))
        for finding, start in zip(found, wanted):
            self.assertTrue(finding.startswith(start), f"{finding!r} does not begin with {start!r}")


class MapTest(TidyTest):
    def test_a_good_tree_has_no_findings(self):
        self.expect()

    def test_an_include_that_climbs(self):
        self.put("src/cache/exact.h", '#pragma once\n\n#include "net/loop.h"\n')
        self.assertEqual(self.findings(), [
            "src/cache/exact.h:3: error: room 'cache' may not include 'net' "
            "(declare an interface; see ARCHITECTURE, Rooms)"])

    def test_an_include_in_a_comment_is_no_include(self):
        include = '#include "net/loop.h"\n'
        self.put("src/cache/exact.h", f"#pragma once\n/*\n{include}*/\n// {include}")
        self.expect()

    def test_an_include_without_its_room(self):
        self.put("src/cache/exact.h", '#pragma once\n#include "other.h"\n')
        self.expect("src/cache/exact.h:2: error: \"other.h\" is included without its room")

    def test_an_include_of_no_room(self):
        self.put("src/cache/exact.h", '#pragma once\n#include "openssl/ssl.h"\n')
        self.expect("src/cache/exact.h:2: error: 'openssl' is not a room")

    def test_a_folder_without_a_row(self):
        self.put("src/utils/README.md", "# utils\n")
        self.expect("src/utils: error: folder without a row")

    def test_a_row_without_a_folder(self):
        shutil.rmtree(self.root / "src/cache")
        self.expect("ARCHITECTURE.md:5: error: room 'cache' has no folder")

    def test_a_row_that_names_a_later_room(self):
        self.put("ARCHITECTURE.md", GOOD["ARCHITECTURE.md"].replace("all need it | -", "all need it | net"))
        self.expect("ARCHITECTURE.md:3: error: room 'base' names 'net', which no row above declares")

    def test_a_room_without_its_door_sign(self):
        (self.root / "src/cache/README.md").unlink()
        self.expect("src/cache: error: room 'cache' has no door sign")

    def test_a_door_sign_of_thirteen_lines(self):
        self.put("src/cache/README.md", "# cache\n" * 12)
        self.expect()
        self.put("src/cache/README.md", "# cache\n" * 13)
        self.expect("src/cache/README.md:13: error: a door sign has at most 12 lines, this one 13")

    def test_deps_that_the_table_does_not_allow(self):
        self.put("src/net/CMakeLists.txt", "sluice_room(net\n  SOURCES loop.cc\n  DEPS base cache)\n")
        self.expect("src/net/CMakeLists.txt:3: error: room 'net' may not link 'cache'")

    def test_a_program_is_held_to_the_table_too(self):
        self.put("src/net/CMakeLists.txt", "sluice_room(net SOURCES loop.cc)\nsluice_program(x DEPS apps)\n")
        self.expect("src/net/CMakeLists.txt:2: error: room 'net' may not link 'apps'")

    def test_a_target_not_named_after_its_room(self):
        self.put("src/net/CMakeLists.txt", "sluice_room(network SOURCES loop.cc DEPS base)\n")
        self.expect("src/net/CMakeLists.txt:1: error: the target 'network' is not named after its room 'net'")

    def test_a_source_that_nothing_builds(self):
        self.put("src/net/forgotten.cc", "int F();\n")
        self.expect("src/net/forgotten.cc: error: nothing builds this file")

    def test_a_source_named_only_in_a_comment(self):
        self.put("src/net/CMakeLists.txt", "# loop.cc\nsluice_room(net DEPS base)\n")
        self.expect("src/net/loop.cc: error: nothing builds this file")


class BannedTest(TidyTest):
    # For each row of STYLE.md, in its order, a line for each thing it names; a new row needs a new entry.
    BAD = [
        ["auto t = std::chrono::system_clock::now();", "auto t = Clock::now();"],
        ['auto* v = std::getenv("X");', 'getenv("X");'],
        ["std::this_thread::sleep_for(1s);", "std::this_thread::sleep_until(t);", "usleep(1);",
         "nanosleep(&t, nullptr);", "::sleep(1);"],
        ["} catch (...) {"],
        ["using namespace std::chrono_literals;", "using namespace base;"],
        ["using namespace base;", "using namespace std;", "using namespace std::filesystem;"],
        ["out << std::endl;"],
        ['std::fprintf(stderr, "x");', 'printf("x");', 'puts("x");', "std::fputs(text, file);",
         'perror("x");', "std::cout << 1;", "std::cerr << 1;", "std::clog << 1;"],
        ["sprintf(buffer, format);", "strcpy(to, from);", "std::strcat(to, from);", "strtok(text, end);",
         "gets(buffer);", "alloca(size);"],
        ["volatile int stop;"],
        ["int r = rand();", "srand(1);", "std::random_device device;", "std::mt19937 twister;",
         "std::mt19937_64 twister;"],
        ["int n = std::stoi(text);", "strtol(text, &end, 10);", "std::strtoull(text, &end, 10);",
         "strtod(text, &end);", "atoi(text);", "std::atof(text);", "atol(text);", "atoll(text);",
         "std::stol(text);", "std::stoll(text);", "std::stoul(text);", "std::stoull(text);",
         "std::stof(text);", "std::stod(text);", "std::stold(text);"],
        ["std::regex pattern;", "std::wregex pattern;", "#include <regex>"],
        ["double UsdPerToken(int model);", "double cost = 0;", "Price(double tokens);",
         "double money_spent;"],
        ["nlohmann::json body;", "#include <nlohmann/json.hpp>", "boost::json::value body;",
         "#include <boost/beast/core.hpp>", "boost::asio::io_context context;"],
        ["std::thread worker(Run);", "std::vector<std::thread> workers;", "std::async(Run);",
         "std::call_once(flag, Run);", "worker.detach();"],
        ["std::mutex mutex_;", "std::shared_mutex mutex_;", "std::recursive_mutex mutex_;",
         "std::timed_mutex mutex_;", "std::shared_timed_mutex mutex_;"],
        ["class CacheManager;", "class BodyProcessor {", "class SseHelper {", "class StringUtil {",
         "class StringUtils {"],
        ["#ifdef UNIT_TEST", "#ifndef TESTING", "#if defined(SLUICE_TESTS)", "#  if TEST"],
        ['#include "net/loop_thread_for_test.h"'],
    ]

    def test_everything_that_the_list_names_is_found(self):
        bans = text.read_bans(tree.Tree(self.root))
        self.assertEqual(len(bans), len(self.BAD))
        for ban, lines in zip(bans, self.BAD):
            for line in lines:
                path = "x.h" if "*.h" in ban.places else "x.cc"
                for place in [p for p in ban.places if "*" not in p] or ["src"]:
                    with self.subTest(line=line, place=place):
                        self.assertTrue(ban.applies_to(f"{place}/net/{path}"))
                        self.assertRegex(tree.blank(line), ban.pattern)

    def test_each_place_that_the_list_names_is_looked_at(self):
        for path in ["src/net/loop.cc", "bench/x.cc", "fuzz/x.cc", "tests/x.cc"]:
            with self.subTest(path=path):
                self.put("bench/CMakeLists.txt", "add(x.cc)\n")
                self.put("tests/CMakeLists.txt", "add(x.cc)\n")
                self.put(path, "void F() { out << std::endl; }\n")
                self.assertIn(f"{path}:1: error: 'std::endl'", "\n".join(self.findings()))

    def test_innocent_neighbours_are_left_alone(self):
        for line in ["using namespace std::chrono_literals;", "using namespace std::chrono;",
                     "using namespace std::literals::string_literals;", "clock.Now();",
                     "std::snprintf(b, n, f);", "std::thread::hardware_concurrency();",
                     "co_await timer.Sleep(1s);", "operand(1);", "double seconds = 1;", "history(x);",
                     "#if defined(__linux__)"]:
            for ban in text.read_bans(tree.Tree(self.root)):
                if ban.applies_to("src/net/x.cc"):
                    self.assertNotRegex(tree.blank(line), ban.pattern)

    def test_a_banned_construct_says_why_and_what_instead(self):
        self.put("src/net/loop.cc", "void F() {\n  sleep(1);\n}\n")
        self.expect("src/net/loop.cc:2: error: 'sleep(': blocks a loop")
        self.assertIn("; instead: a timer of the loop", self.findings()[0])

    def test_it_is_allowed_where_the_row_says(self):
        self.put("src/net/loop.cc", GOOD["src/base/clock.cc"])
        self.expect("src/net/loop.cc:3: error: '::now('")

    def test_comments_and_literals_do_not_count(self):
        self.put("src/net/loop.cc", 'auto a = "std::regex"; /* std::regex\n std::regex */\n'
                 'auto b = R"x(std::regex " )" )x";\n'
                 "auto c = '\"'; auto d = 1'000; // std::regex\n")
        self.expect()

    def test_code_after_a_literal_still_counts(self):
        self.put("src/net/loop.cc", "auto a = \"\\\"\"; auto c = '\"'; auto d = 1'000; std::regex e;\n")
        self.expect("src/net/loop.cc:1: error: 'std::regex'")

    def test_a_style_page_without_the_list(self):
        self.put("STYLE.md", "# Style\n")
        self.expect("STYLE.md: error: the banned list is missing")


class WallsTest(TidyTest):
    def loop(self, content):
        self.put("src/net/loop.cc", content)

    def test_a_function_of_seventy_lines_passes_and_one_more_does_not(self):
        self.loop(long_function("int F(int a)", 70))
        self.expect()
        self.loop("\n" + long_function("int F(int a)", 71))
        self.expect("src/net/loop.cc:2: error: a function of 71 lines")

    def test_a_stated_reason_is_heard(self):
        self.loop("// In order.\n// tidy: long because it is one table\n" + long_function("int F()", 90))
        self.expect()

    def test_a_reason_before_another_function_does_not_count(self):
        self.loop("// tidy: long because it is one table\nint G();\n" + long_function("int F()", 90))
        self.expect("src/net/loop.cc:3")

    def test_the_signature_counts(self):
        self.loop(long_function("int F(\n    int a,\n    int b)", 70))
        self.expect("src/net/loop.cc:1: error: a function of 72 lines")

    def test_a_method_in_a_class_in_a_namespace(self):
        self.loop("namespace net {\nclass A final : public B {\n public:\n" +
                  long_function("  int F() const", 71) + "};\n}\n")
        self.expect("src/net/loop.cc:4: error: a function of 71 lines")

    def test_a_constructor_with_braced_initialisers_is_one_function(self):
        self.loop(long_function("A::A(int a)\n    : a_{a}, b_(a),\n      c_{a}", 69))
        self.expect("src/net/loop.cc:1: error: a function of 71 lines")

    def test_a_test_is_a_function(self):
        self.loop(long_function("TEST(LoopTest, Runs)", 71))
        self.expect("src/net/loop.cc:1")

    def test_classes_namespaces_enums_and_tables_have_no_wall(self):
        row = "  kOne,  // (one)\n"
        self.loop("namespace net {\nenum class E {\n" + row * 80 + "};\n"
                  "struct S {\n" + "  int F();\n" * 80 + "};\n"
                  "constexpr std::array<int, 80> kTable = {\n" + row * 80 + "};\n"
                  "const auto kList = Make({\n" + row * 80 + "});\n}\n")
        self.expect()

    def test_braces_in_literals_and_macros_do_not_confuse(self):
        self.loop('#define OPEN \\\n  {\nint F() { return "{{{"[0] + \'{\'; }\n' + "int G();\n" * 80)
        self.expect()

    def test_a_file_past_the_wall(self):
        self.loop("int F();\n" * 600)
        self.expect()
        self.loop("int F();\n" * 601)
        self.expect("src/net/loop.cc:601: error: 601 lines")
        self.loop("// tidy: long because it is generated\n" + "int F();\n" * 601)
        self.expect()


class LayoutTest(TidyTest):
    def test_columns(self):
        self.put("src/net/loop.cc", "// " + "x" * 107 + "\n")
        self.expect()
        self.put("src/net/loop.cc", "// " + "x" * 108 + "\n")
        self.expect("src/net/loop.cc:1: error: 111 columns")

    def test_an_address_may_be_long(self):
        self.put("src/net/loop.cc", "// https://example.com/" + "x" * 108 + "\n")
        self.expect()

    def test_a_raw_string_is_foreign_text(self):
        self.put("src/net/loop.cc", 'auto a = R"({"b":\t' + "x" * 110 + ' \n})";\n')
        self.expect()

    def test_work_left_over(self):
        for word in ("TO" "DO", "FIX" "ME", "XX" "X"):
            self.put("src/net/loop.cc", f"// {word}: later\n")
            self.expect("src/net/loop.cc:1: error: work left over")

    def test_tabs_and_trailing_blanks_and_the_last_newline(self):
        self.put("src/net/loop.cc", "int\tF();\nint G(); \nint H();\r\nint I();")
        self.expect("src/net/loop.cc:1: error: tab", "src/net/loop.cc:2: error: blank",
                    "src/net/loop.cc:3: error: blank", "src/net/loop.cc:4: error: no newline")

    def test_a_makefile_has_tabs(self):
        self.put("Makefile", "all:\n\ttrue\n")
        self.expect()

    def test_a_script_without_a_suffix_is_seen(self):
        self.put("tools/go", "#!/bin/sh\n\ttrue\n")
        self.expect("tools/go:2: error: tab")

    def test_recorded_bytes_are_left_alone(self):
        self.put("tests/golden/metrics.txt", b"a\t \xff")
        self.put("fuzz/corpus/sse/one.txt", b"data: x \r\n\tno end")
        self.expect()


class DocumentsTest(TidyTest):
    def test_a_link_that_leads_nowhere(self):
        self.put("docs/a.md", "See [b](b.md), [up](../README.md), [here](#x) and `[c](c.md)`.\n"
                 "```\n[d](d.md)\n```\n")
        self.expect("docs/a.md:1: error: the link to 'b.md' leads nowhere")

    def test_a_link_out_of_the_tree(self):
        self.put("docs/a.md", "[x](../../etc)\n")
        self.expect("docs/a.md:1: error: the link to '../../etc' leads nowhere")

    def test_a_picture_that_is_missing(self):
        self.put("docs/a.md", "![picture](a.svg)\n")
        self.expect("docs/a.md:1: error: the link to 'a.svg'")

    def test_the_readmes_have_the_same_sections(self):
        self.put("README.zh-CN.md", "# Sluice\n")
        self.expect("README.zh-CN.md: error: 1 sections where README.md has 2")

    def test_a_heading_in_a_code_block_is_no_section(self):
        self.put("README.zh-CN.md", "# Sluice\n```\n# make run\n```\n## 使用\n")
        self.expect()

    def test_a_readme_that_is_missing(self):
        (self.root / "README.md").unlink()
        self.expect("README.md: error: missing")


if __name__ == "__main__":
    unittest.main()
