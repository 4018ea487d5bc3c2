// Whole configurations: a table of broken ones with exact places, secrets, and what wins over what.
#include "config/loader.hpp"

#include <algorithm>

#include "tests/unit/config/load_support.hpp"

namespace bellhop::config {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Loader, LoadsTheShortestUsefulFile) {
  const TemporaryFolder folder;
  (void)folder.write("secret", "hunter2\n");
  LoadOptions options;
  options.path = folder.write("bellhop.toml",
                              "[[component]]\n"
                              "jid         = \"bellhop.example.org\"\n"
                              "server      = \"127.0.0.1:5347\"\n"
                              "secret_file = \"secret\"\n"
                              "\n"
                              "[public]\n"
                              "host = \"bellhop.example.org\"\n");
  const LoadOutcome outcome = load_file(options);
  EXPECT_EQ(shown(outcome.problems), "");
  EXPECT_EQ(shown(outcome.warnings), "");
  ASSERT_EQ(outcome.settings.components.size(), 1U);
  const ComponentSettings& component = outcome.settings.components.front();
  EXPECT_EQ(component.jid, "bellhop.example.org");
  EXPECT_EQ(component.server, (HostPort{"127.0.0.1", 5347}));
  EXPECT_EQ(component.secret.reveal(), "hunter2");
  EXPECT_EQ(component.parent_domain, "example.org");
  EXPECT_EQ(component.services, std::vector<Service>{Service::proxy});
  EXPECT_EQ(outcome.settings.public_address.host, "bellhop.example.org");
}

TEST(Loader, ReadsAValueOfEachType) {
  const LoadOutcome outcome = load(kComponent +
                                   "tls = true\n"
                                   "services = [\"proxy\"]\n"
                                   "[component_stream]\nstanza_bytes_max = \"64 KiB\"\n"
                                   "[proxy]\nlisten = [\"[::]:1080\"]\nidle_timeout = 90\n"
                                   "public_port = 443\nrate_total = \"10 MiB\"\n"
                                   "[access]\nallow_jids = [\"bob@example.net\"]\n"
                                   "[log]\nlevel = \"debug\"\nprivacy = \"masked\"\n");
  EXPECT_EQ(shown(outcome.problems), "");
  const Settings& settings = outcome.settings;
  EXPECT_TRUE(settings.components.front().tls);
  EXPECT_EQ(settings.stream.stanza_bytes_max, 65536U);
  EXPECT_EQ(settings.proxy.listen, (std::vector<HostPort>{{"::", 1080}}));
  EXPECT_EQ(settings.proxy.idle_timeout, 90s);
  EXPECT_EQ(settings.proxy.public_port, 443);
  EXPECT_EQ(settings.proxy.rate_total, 10U * 1024 * 1024);
  EXPECT_EQ(settings.access.allow_jids, std::vector<std::string>{"bob@example.net"});
  EXPECT_EQ(settings.log.level, LogLevel::debug);
  EXPECT_EQ(settings.log.privacy, LogPrivacy::masked);
}

TEST(Loader, TakesAJidOfOneLabelForItsOwnParent) {
  const LoadOutcome outcome =
      load("[[component]]\njid = \"bellhop\"\nserver = \"[::1]:1\"\nsecret = \"x\"\n");
  EXPECT_EQ(outcome.settings.components.at(0).parent_domain, "bellhop");
  EXPECT_EQ(load(kComponent + "parent_domain = \"a.b\"\n").settings.components.at(0).parent_domain,
            "a.b");
}

struct Broken {
  const char* name;
  const char* text;  // after the four lines of a good component
  const char* place;
  const char* message;
  const char* hint = "";
};

void PrintTo(const Broken& broken, std::ostream* stream) {
  *stream << broken.name;
}

class LoaderBroken : public testing::TestWithParam<Broken> {};

// Exactly one problem, at exactly this line and column.
TEST_P(LoaderBroken, IsReportedAtItsPlaceWithWhatIsAllowed) {
  const Broken& broken = GetParam();
  const LoadOutcome outcome = load(kComponent + broken.text);
  const std::string text = shown(outcome.problems);
  ASSERT_EQ(outcome.problems.size(), 1U) << text;
  const Problem& problem = outcome.problems.front();
  EXPECT_EQ(std::to_string(problem.line) + ':' + std::to_string(problem.column), broken.place)
      << text;
  EXPECT_TRUE(has(problem.message, broken.message)) << text;
  EXPECT_TRUE(has(problem.hint, broken.hint)) << text;
}

const Broken kBroken[] = {
    {"UnknownSection", "[prxy]\nlisten = []", "5:2", "unknown section \"prxy\"",
     "did you mean [proxy]?"},
    {"SectionLikeNothing", "[storage]", "5:2", "unknown section \"storage\"",
     "allowed: [[component]], [component_stream], [public]"},
    {"ArrayOfUnknownSection", "[[components]]", "5:3", "unknown section \"components\"",
     "did you mean [[component]]?"},
    {"UnknownKey", "[proxy]\nidle_timout = 1", "6:1", "unknown key \"idle_timout\" in [proxy]",
     "did you mean idle_timeout?"},
    {"KeyInCapitals", "[log]\nLEVEL = \"info\"", "6:1", "unknown key", "did you mean level?"},
    {"KeyOfAnotherSection", "[proxy]\nprivacy = \"full\"", "6:1", "unknown key \"privacy\"",
     "it belongs in [log]"},
    {"KeyLikeNothing", "[runtime]\nxyzzy = 1", "6:1", "unknown key \"xyzzy\"",
     "allowed: shards, drain_timeout"},
    {"UnknownKeyOfComponent", "nmae = \"x\"", "5:1", "unknown key \"nmae\" in [[component]]",
     "did you mean name?"},
    {"DottedUnknownKey", "[proxy]\na.b = 1", "6:1", "unknown key \"a\"", "allowed: listen"},
    {"SectionTwiceBracketed", "[[proxy]]\npublic_port = 1", "5:3",
     "expected a section, found a list", "write [proxy] with single brackets"},
    {"TableForValue", "[proxy.idle_timeout]\na = 1", "5:1",
     "proxy.idle_timeout: expected a duration", ""},
    {"StringForInteger", "[proxy]\npublic_port = \"1\"", "6:15",
     "expected an integer, found a string \"1\""},
    {"FractionForInteger", "[proxy]\npublic_port = 1.5", "6:15",
     "expected an integer, found a number with a fraction"},
    {"IntegerForBoolean", "tls = 1", "5:7",
     "component[0].tls: expected true or false, found an integer"},
    {"DateForString", "name = 1979-05-27", "5:8", "expected a string, found a date or time"},
    {"StringForList", "[proxy]\nlisten = \"0.0.0.0:1\"", "6:10", "expected a list, found a string",
     "square brackets"},
    {"PortTooLarge", "[proxy]\npublic_port = 65536", "6:15", "65536 is out of range",
     "allowed: 0 to 65535"},
    {"NegativeNumber", "[proxy]\nsessions_max = -1", "6:16", "-1 is out of range", "allowed: 1 to"},
    {"DurationWithoutSense", "[proxy]\nidle_timeout = \"10 mn\"", "6:16",
     "\"10 mn\" is not a duration", "allowed: 100ms to 1d"},
    {"DurationTooShort", "[proxy]\nidle_timeout = \"99ms\"", "6:16", "\"99ms\" is out of range",
     "allowed: 100ms to 1d"},
    {"DurationTooLong", "[component_stream]\nping_interval = 3601", "6:17", "3601 is out of range",
     "allowed: 100ms to 1h"},
    {"StanzaBelowTheRfc", "[component_stream]\nstanza_bytes_max = 9999", "6:20",
     "9999 is out of range", "10000 B"},
    {"DecimalUnit", "[proxy]\nrate_total = \"1 MB\"", "6:14", "\"1 MB\" is not a number of bytes",
     "1 KiB to 1 TiB per second"},
    {"RateTooLow", "[proxy]\nrate_total = 1", "6:14", "1 is out of range", "0 (no limit)"},
    {"UnknownLevel", "[log]\nlevel = \"wran\"", "6:9", "\"wran\" is not known here",
     "did you mean \"warn\"? allowed: \"trace\", \"debug\", \"info\", \"warn\", \"error\""},
    {"UnknownService", "services = [\"proxi\"]", "5:13", "\"proxi\" is not known here",
     "did you mean \"proxy\"?"},
    {"ServiceTwice", "services = [\"proxy\", \"proxy\"]", "5:22", "\"proxy\" is listed twice"},
    {"NoService", "services = []", "5:12", "0 values in this list", "allowed: 1 to"},
    {"ListenOnAName", "[proxy]\nlisten = [\"0.0.0.0:1\", \"localhost:1\"]", "6:24",
     "\"localhost\" is not an IP address", "[::]:7777"},
    {"ListenOnPortZero", "[proxy]\nlisten = [\"0.0.0.0:0\"]", "6:11", "has port 0",
     "port 1 to 65535"},
    {"ListenTwice", "[proxy]\nlisten = [\"[::1]:1\",\n  \"[0::1]:1\"]", "7:3",
     "\"[::1]:1\" is listed twice"},
    {"AddressWithoutPort", "[proxy]\nstreamhosts = [\"a.org\"]", "6:16", "is not host:port"},
    {"AddressWithoutBrackets", "[proxy]\nstreamhosts = [\"::1:80\"]", "6:16", "is not host:port",
     "[::1]:5347"},
    {"MalformedIpv4", "[public]\nipv4 = \"192.0.2.256\"", "6:8", "\"192.0.2.256\" is not accepted",
     "allowed: an IPv4 address"},
    {"Ipv4ForIpv6", "[public]\nipv6 = \"192.0.2.1\"", "6:8", "is not accepted",
     "an IPv6 address without brackets"},
    {"UrlForHost", "[public]\nhost = \"http://a.org\"", "6:8", "is not accepted", "a host name"},
    {"StarInDeny", "[access]\ndeny_domains = [\"*\"]", "6:17", "\"*\" is not accepted",
     "allowed: a domain"},
    {"FullJidInAccess", "[access]\nallow_jids = [\"a@b/c\"]", "6:15", "is not accepted",
     "a bare JID"},
    {"AddressForUri", "[contact]\nabuse = [\"abuse@example.org\"]", "6:10", "is not accepted",
     "mailto:"},
    {"ControlInPath", "[log]\nfile = \"a\\u001Bb\"", "6:8", "\"a?b\" is not accepted", "a path"},
    {"QuotaTooLarge", "[quota]\ndaily_bytes_per_jid = \"1025 TiB\"", "6:23", "is out of range",
     "0 B to 1024 TiB"},
    {"NegativeQuota", "[quota]\nmonthly_bytes_per_domain = -1", "6:28",
     "-1 is not a number of bytes"},
    {"UnknownRole", "[admin]\nplaintext_role = \"ful\"", "6:18", "\"ful\" is not known here",
     "did you mean \"full\"?"},
    {"AdminOnAName", "[admin]\nhttp_listen = [\"localhost:1\"]", "6:16",
     "\"localhost\" is not an IP address"},
    {"AdminOnPortZero", "[admin]\nlisten = [\"127.0.0.1:0\"]", "6:11", "has port 0"},
    {"EmptyClientName", "[admin]\nread_clients = [\"ops\", \"\"]", "6:24", "\"\" is not accepted",
     "1 to 256 bytes"},
    {"ControlInGroup", "[admin]\nsocket_group = \"a\\u0007\"", "6:16", "is not accepted", "a name"},
    {"NoAdminConnections", "[admin]\nconnections_max = 0", "6:19", "0 is out of range",
     "1 to 10000"},
    {"TooManyWatches", "[admin]\nwatches_max = 10001", "6:15", "10001 is out of range"},
    {"AccountingTooOften", "[monitoring]\naccounting_interval = \"999ms\"", "6:23",
     "\"999ms\" is out of range", "1s to 1d"},
    {"AccountingFileTooSmall", "[monitoring]\naccounting_file_bytes = 65535", "6:25",
     "65535 is out of range", "64 KiB to 64 GiB"},
    {"NoAccountingFile", "[monitoring]\naccounting_files = 0", "6:20", "0 is out of range"},
    {"SecretTwice", "secret_file = \"x\"", "5:1", "this component has secret and secret_file",
     "exactly one of"},
    {"ComponentIncomplete", "[[component]]\njid = \"b\"\nsecret = \"x\"", "5:1",
     "this component has no server", "127.0.0.1:5347"},
    {"SyntaxError", "[proxy]\nlisten = [\n]\nidle_timeout = 08", "8:18", "not valid TOML"},
    {"DuplicateKey", "name = \"a\"\nname = \"b\"", "6:8", "cannot redefine"},
};

INSTANTIATE_TEST_SUITE_P(Table, LoaderBroken, testing::ValuesIn(kBroken),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Loader, RefusesWhatIsNoDomainAsJid) {
  for (const char* jid : {"", "a@b", "a/b", "@", "a b"}) {
    const std::string text = shown(load("[[component]]\njid = \"" + std::string(jid) +
                                        "\"\nserver = \"127.0.0.1:1\"\nsecret = \"x\"\n")
                                       .problems);
    EXPECT_TRUE(has(text, "bellhop.toml:2:7: component[0].jid: ")) << text;
  }
}

TEST(Loader, ReportsAllProblemsOfAFileAtOnceInItsOrder) {
  const LoadOutcome outcome = load(
      "[[component]]\n"
      "jid = 5\n"
      "server = \"127.0.0.1:0\"\n"
      "[proxy]\n"
      "nothing = 1\n"
      "public_port = -1\n"
      "[log]\n"
      "level = \"loud\"\n");
  std::vector<std::size_t> lines;
  for (const Problem& problem : outcome.problems) lines.push_back(problem.line);
  EXPECT_EQ(lines, (std::vector<std::size_t>{1, 2, 3, 5, 6, 8})) << shown(outcome.problems);
}

TEST(Loader, ShowsTheLineWithACaret) {
  EXPECT_EQ(
      shown(load(kComponent + "[log]\n  level = \"wran\"\n").problems),
      "bellhop.toml:6:11: log.level: \"wran\" is not known here\n"
      "  6 |   level = \"wran\"\n"
      "    |           ^\n"
      "  did you mean \"warn\"? allowed: \"trace\", \"debug\", \"info\", \"warn\", \"error\"\n");
}

TEST(Loader, RefusesAFileWithoutComponents) {
  EXPECT_TRUE(has(shown(load("").problems), "no [[component]]"));
  EXPECT_TRUE(has(shown(load("component = []").problems), "0 components"));
  EXPECT_TRUE(has(shown(load("component = [1]").problems), "expected a table, found an integer"));
  EXPECT_TRUE(has(shown(load("[component]\njid = \"a\"").problems), "double brackets"));
  EXPECT_TRUE(has(shown(load("component = 1").problems), "double brackets"));
  EXPECT_TRUE(
      has(shown(load("jid = \"a\"\n" + kComponent).problems), "it belongs in [[component]]"));
  EXPECT_TRUE(has(shown(load("proxy = 1\n" + kComponent).problems), "write [proxy]"));
}

TEST(Loader, TakesSixtyFourComponentsAndNotOneMore) {
  std::string text;
  for (int i = 0; i < 64; ++i) {
    text += "[[component]]\njid = \"c" + std::to_string(i) +
            ".example.org\"\nserver = \"127.0.0.1:1\"\nsecret = \"x\"\n";
  }
  EXPECT_EQ(shown(load(text).problems), "");
  EXPECT_TRUE(has(shown(load(text + kComponent).problems), "65 components"));
}

TEST(Loader, RefusesAFileOfMoreThanOneMebibyte) {
  const std::string filler = '#' + std::string(1024 * 1024 - kComponent.size() - 1, 'x');
  EXPECT_EQ(shown(load(kComponent + filler).problems), "");
  EXPECT_TRUE(has(shown(load(kComponent + filler + 'x').problems), "too large"));
}

TEST(Loader, BoundsWhatAHostileFileMakesItReport) {
  std::string text = kComponent + "[proxy]\n";
  for (int i = 0; i < 2000; ++i) text += "x" + std::to_string(i) + " = 1\n";
  const LoadOutcome outcome = load(text);
  ASSERT_EQ(outcome.problems.size(), 101U);
  EXPECT_EQ(outcome.problems.back().message, "and 1900 more problems");
}

TEST(Loader, ShowsNoControlCharacterOfTheFile) {
  const std::string text =
      shown(load(kComponent + "[log]\n\"\\u001B[31m\" = 1 # \xC2\x9B\n").problems);
  EXPECT_TRUE(has(text, "unknown key \"?[31m\"")) << text;
  EXPECT_FALSE(has(text, "\x1B")) << text;
  EXPECT_FALSE(has(text, "\xC2\x9B")) << text;
}

// A secret in no form reaches a problem, a warning or the printed configuration.
TEST(Loader, NeverShowsASecret) {
  const std::string start = "[[component]]\njid = \"a.b\"\nserver = \"192.0.2.1:0\"\n";
  for (const char* line : {"secret = \"hunter2\"", "secret = \"hunter2\" x", "secret = hunter2",
                           "secret hunter2", "secrt = \"hunter2\"", "password = \"hunter2\"",
                           "secret = [\"hunter2\"]", "secret = [\n\"hunter2\"\n1]",
                           "secret = \"\"\"\nhunter2", "secret = \"hunter2\"\nsecret = \"hunter2\"",
                           "secret = {a = \"hunter2\"}", "secret = \"hunter2\"\nsecret_env = \"A\"",
                           "secret = \"hunter2", "name = \"x\", secret = \"hunter2\""}) {
    const LoadOutcome outcome = load(start + line + '\n');
    const std::string text = shown(outcome.problems) + shown(outcome.warnings) +
                             print_config(outcome.settings, outcome.origins);
    EXPECT_FALSE(outcome.problems.empty()) << line;
    EXPECT_FALSE(has(text, "hunter2")) << text;
  }
}

class LoaderSecretFile : public testing::Test {
 protected:
  // Loads a component whose secret_file is this, from a file in the folder.
  LoadOutcome load_with(const std::string& secret_file,
                        SecretFiles secret_files = SecretFiles::read) {
    LoadOptions options;
    options.secret_files = secret_files;
    options.path = folder_.write("bellhop.toml",
                                 "[[component]]\njid = \"a.b\"\nserver = \"127.0.0.1:1\"\n"
                                 "secret_file = \"" +
                                     secret_file + "\"\n");
    return load_file(options);
  }

  TemporaryFolder folder_;
};

TEST_F(LoaderSecretFile, MayBeRelativeToTheConfigurationOrAbsolute) {
  const std::string path = folder_.write("secret", "hunter2\n");
  EXPECT_EQ(load_with("secret").settings.components.at(0).secret.reveal(), "hunter2");
  EXPECT_EQ(load_with(path).settings.components.at(0).secret.reveal(), "hunter2");
}

TEST_F(LoaderSecretFile, IsRefusedAtItsLineWhenEverybodyMayReadIt) {
  (void)folder_.write("secret", "hunter2\n", 0644);
  const std::string text = shown(load_with("secret").problems);
  EXPECT_TRUE(has(text, "bellhop.toml:4:15: ")) << text;
  EXPECT_TRUE(has(text, "can be read by everybody")) << text;
  EXPECT_TRUE(has(text, "chmod o= ")) << text;
}

TEST_F(LoaderSecretFile, IsRefusedWithTheReasonWhenItIsMissing) {
  EXPECT_TRUE(has(shown(load_with("missing").problems), "No such file or directory"));
}

TEST_F(LoaderSecretFile, IsNotOpenedWhenThatIsNotWanted) {
  const LoadOutcome outcome = load_with("missing", SecretFiles::skip);
  EXPECT_EQ(shown(outcome.problems), "");
  EXPECT_TRUE(outcome.settings.components.at(0).secret.empty());
}

TEST_F(LoaderSecretFile, MayNotHaveAnEmptyName) {
  EXPECT_TRUE(has(shown(load_with("").problems), "secret_file: \"\" is not accepted"));
}

TEST(LoaderSecretVariable, IsLookedUpInTheGivenEnvironment) {
  const std::string text =
      "[[component]]\njid = \"a.b\"\nserver = \"127.0.0.1:1\"\nsecret_env = \"BELLHOP_SECRET_A\"\n";
  LoadOptions options;
  EXPECT_TRUE(has(shown(load(text, options).problems), "4:14: the environment variable"));
  options.environment["BELLHOP_SECRET_A"] = "";
  EXPECT_TRUE(has(shown(load(text, options).problems), "\"BELLHOP_SECRET_A\" is empty"));
  options.environment["BELLHOP_SECRET_A"] = "hunter2";
  const LoadOutcome outcome = load(text, options);
  EXPECT_EQ(shown(outcome.problems), "");
  EXPECT_EQ(outcome.settings.components.at(0).secret.reveal(), "hunter2");
}

TEST(LoaderFile, WarnsWhenItHoldsASecretAndEverybodyMayReadIt) {
  const TemporaryFolder folder;
  LoadOptions options;
  options.path = folder.write("bellhop.toml", kComponent, 0644);
  EXPECT_TRUE(has(shown(load_file(options).warnings), "can be read by everybody"));
  options.path = folder.write("bellhop.toml", kComponent, 0640);
  EXPECT_EQ(shown(load_file(options).warnings), "");
}

TEST(LoaderFile, IsRefusedWhenItCannotBeRead) {
  LoadOptions options;
  options.path = "/nonexistent/bellhop.toml";
  const LoadOutcome outcome = load_file(options);
  ASSERT_EQ(outcome.problems.size(), 1U);
  EXPECT_TRUE(has(outcome.problems[0].message, "No such file or directory"));
}

TEST(Loader, TakesRelativePathsFromTheFolderOfTheFile) {
  LoadOptions options;
  options.path = "/etc/bellhop/bellhop.toml";
  options.environment["BELLHOP_LOG_FILE"] = "here.log";
  const std::string text =
      kComponent + "tls = true\ntls_ca_file = \"ca.pem\"\n[log]\nfile = \"a.log\"\n";
  LoadOutcome outcome = load_text(text, options);
  EXPECT_EQ(outcome.settings.components.at(0).tls_ca_file, "/etc/bellhop/ca.pem");
  EXPECT_EQ(outcome.settings.log.file, "here.log");
  options.environment.clear();
  EXPECT_EQ(load_text(text, options).settings.log.file, "/etc/bellhop/a.log");
}

// Wherever the daemon is started, and whoever set it elsewhere meant his own folder.
TEST(Loader, TakesEveryRelativePathFromThere) {
  LoadOptions options;
  options.path = "/etc/bellhop/bellhop.toml";
  options.environment["BELLHOP_ADMIN_READ_SOCKET"] = "read.sock";
  options.overrides = {"monitoring.state_dir=state"};
  const std::string text = kComponent +
                           "[admin]\nsocket = \"admin.sock\"\ntls_certificate = \"tls/a.pem\"\n"
                           "tls_key = \"/k.pem\"\ntls_client_ca = \"ca.pem\"\n"
                           "read_socket = \"overridden\"\nhttp_token_file = \"\"\n"
                           "[monitoring]\nstate_dir = \"overridden\"\n";
  const LoadOutcome outcome = load_text(text, options);
  EXPECT_EQ(shown(outcome.problems), "");
  const AdminSettings& admin = outcome.settings.admin;
  EXPECT_EQ(admin.socket, "/etc/bellhop/admin.sock");
  EXPECT_EQ(admin.tls_certificate, "/etc/bellhop/tls/a.pem");
  EXPECT_EQ(admin.tls_key, "/k.pem");
  EXPECT_EQ(admin.tls_client_ca, "/etc/bellhop/ca.pem");
  EXPECT_EQ(admin.read_socket, "read.sock");
  EXPECT_EQ(admin.http_token_file, "");
  EXPECT_EQ(outcome.settings.monitoring.state_dir, "state");
}

TEST(LoaderEnvironment, SetsEveryTypeOfOption) {
  LoadOptions options;
  options.environment = {{"BELLHOP_LOG_LEVEL", "debug"},
                         {"BELLHOP_PROXY_IDLE_TIMEOUT", "5min"},
                         {"BELLHOP_PROXY_PUBLIC_PORT", "443"},
                         {"BELLHOP_PROXY_RATE_TOTAL", "1048576"},
                         {"BELLHOP_PROXY_LISTEN", "127.0.0.1:1080, [::1]:1080"},
                         {"BELLHOP_ACCESS_PARENT_DOMAIN", "true"},
                         {"BELLHOP_ACCESS_ALLOW_JIDS", " "},
                         {"BELLHOP_QUOTA_DAILY_BYTES_PER_JID", "5 GiB"},
                         {"BELLHOP_ADMIN_PLAINTEXT_ROLE", "full"},
                         {"BELLHOP_ADMIN_HTTP_LISTEN", ""},
                         {"HOME", "/root"}};
  const LoadOutcome outcome = load(kComponent + "[access]\nallow_jids = [\"a@b\"]\n", options);
  EXPECT_EQ(shown(outcome.problems), "");
  EXPECT_EQ(outcome.settings.log.level, LogLevel::debug);
  EXPECT_EQ(outcome.settings.proxy.idle_timeout, 5min);
  EXPECT_EQ(outcome.settings.proxy.public_port, 443);
  EXPECT_EQ(outcome.settings.proxy.rate_total, 1048576U);
  EXPECT_EQ(outcome.settings.proxy.listen.size(), 2U);
  EXPECT_TRUE(outcome.settings.access.allow_jids.empty());
  EXPECT_EQ(outcome.settings.quota.daily_bytes_per_jid, std::uint64_t{5} << 30);
  EXPECT_EQ(outcome.settings.admin.plaintext_role, AdminRole::full);
  EXPECT_TRUE(outcome.settings.admin.http_listen.empty());
}

TEST(LoaderEnvironment, RefusesUnknownVariablesAndSuggestsOne) {
  LoadOptions options;
  options.environment = {{"BELLHOP_PROXY_IDLE_TIMEOU", "1"},
                         {"BELLHOP_COMPONENT_SECRET", "hunter2"},
                         {"BELLHOP_SECRET_OF_MINE", "hunter2"}};
  const std::string text = shown(load(kComponent, options).problems);
  EXPECT_EQ(text,
            "environment: BELLHOP_COMPONENT_SECRET: no option has this variable\n"
            "  a component is set in the file only; its secret may be in a variable: secret_env\n"
            "environment: BELLHOP_PROXY_IDLE_TIMEOU: no option has this variable\n"
            "  did you mean BELLHOP_PROXY_IDLE_TIMEOUT?\n");
}

TEST(LoaderEnvironment, RefusesWrongValuesNamingTheVariable) {
  LoadOptions options;
  options.environment = {{"BELLHOP_RUNTIME_SHARDS", "many"},
                         {"BELLHOP_ACCESS_PARENT_DOMAIN", "yes"}};
  const std::string text = shown(load(kComponent, options).problems);
  EXPECT_TRUE(
      has(text, "environment: BELLHOP_RUNTIME_SHARDS: runtime.shards: expected an integer"));
  EXPECT_TRUE(
      has(text, "BELLHOP_ACCESS_PARENT_DOMAIN: access.parent_domain: expected true or false"));
}

TEST(LoaderOverrides, WinOverTheEnvironmentWhichWinsOverTheFile) {
  const std::string text = kComponent + "[log]\nlevel = \"error\"\n[runtime]\nshards = 1\n";
  LoadOptions options;
  options.environment = {{"BELLHOP_LOG_LEVEL", "warn"}, {"BELLHOP_RUNTIME_SHARDS", "2"}};
  options.overrides = {"log.level=info", " log.level = debug "};
  const LoadOutcome outcome = load(text, options);
  EXPECT_EQ(shown(outcome.problems), "");
  EXPECT_EQ(outcome.settings.log.level, LogLevel::debug);
  EXPECT_EQ(outcome.settings.runtime.shards, 2U);
  EXPECT_EQ(to_text(outcome.origins.at("log.level")), "command line");
  EXPECT_EQ(to_text(outcome.origins.at("runtime.shards")), "environment BELLHOP_RUNTIME_SHARDS");
  EXPECT_EQ(to_text(outcome.origins.at("component[0].jid")), "line 2");
}

TEST(LoaderOverrides, AreRefusedWhenUnknownOrWithoutValue) {
  LoadOptions options;
  options.overrides = {"log.levle=debug", "log.level", "component.secret=hunter2",
                       "component.secret hunter2"};
  EXPECT_EQ(shown(load(kComponent, options).problems),
            "command line: unknown option \"log.levle\"\n"
            "  did you mean log.level?\n"
            "command line: \"log.level\" has no value\n"
            "  write section.key=value\n"
            "command line: unknown option \"component.secret\"\n"
            "  a component is set in the file only\n"
            "command line: \"component.secret\" has no value\n"
            "  write section.key=value\n");
}

TEST(LoaderOverrides, DoNotHideWhatIsWrongInTheFile) {
  LoadOptions options;
  options.overrides = {"log.level=debug"};
  const LoadOutcome outcome = load(kComponent + "[log]\nlevel = \"loud\"\n", options);
  EXPECT_EQ(outcome.problems.size(), 1U);
}

TEST(LoaderOverrides, CountAsWrittenForLimitsThatContradict) {
  LoadOptions options;
  options.overrides = {"proxy.sessions_per_jid_max=60000"};
  EXPECT_TRUE(has(shown(load(kComponent, options).problems),
                  "command line: proxy.sessions_per_jid_max: 60000 exceeds"));
}

}  // namespace
}  // namespace bellhop::config
