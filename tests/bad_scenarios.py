"""Bad scenarios: one edit of one file of the small scenario a row, with the place and words of the message."""
# ruff: noqa: E501 (a table, one case a line)

from __future__ import annotations

from typing import NamedTuple

from tests.scenario_folder import DISTRICTS, FILES, MAIN, TARGETS

TOML = "scenario.toml"
RATE = 'rate = { value = 0.2, unit = "demands per member-day", prior = "lognormal", low = 0.1, high = 0.4 }'
MEMBERS = 'members = { value = 0.5, unit = "members", source = "E1" }'
NO_TARGETS = "district,kind,count,source\nd1,shop,0,E1\nd2,shop,0,E1\nd3,shop,0,E1\n"


class Case(NamedTuple):
    """One edit of one file, the start of the line that the message must name ("": none), and pieces of what it says."""

    name: str
    file: str
    old: str
    new: str
    at: str
    says: tuple[str, ...]

    def text(self) -> str:
        """Return the file after the edit."""
        return FILES[self.file].replace(self.old, self.new, 1)


def case(name: str, file: str, old: str, new: str, at: str, *says: str) -> Case:
    """Return a case, having checked that its edit applies."""
    assert old in FILES[file], f"{name}: {old!r} is not in {file}"
    return Case(name, file, old, new, at, says)


# fmt: off
CASES = [
    # In districts.csv.
    case("wrong column", "districts.csv", "population", "populaton", "id,name", "populaton", "Did you mean 'population'"),
    case("missing column", "districts.csv", ",officers,", ",", "id,name", "officers", "missing"),
    case("column twice", "districts.csv", "latitude", "name", "id,name", "name", "twice"),
    case("truncated row", "districts.csv", ",0,0,d2,E1\n", ",0\n", "d1,", "11 cells", "14 columns"),
    case("row with a comma too many", "districts.csv", "d1,Centro", "d1,Cen,tro", "d1,", "15 cells"),
    case("district id twice", "districts.csv", "d2,Peñón", "d1,Peñón", "d1,Peñón", "id: the district 'd1'", "line 2"),
    case("district name twice", "districts.csv", "d2,Peñón", "d2,Centro", "d2,", "name: the district 'Centro'", "line 2"),
    case("district id of two words", "districts.csv", "d1,Centro", "d 1,Centro", "d 1", "id", "one word"),
    case("district called all", "districts.csv", "d1,Centro", "d1,all", "d1,", "name: 'all'"),
    case("district called like a zone", "districts.csv", "d1,Centro", "d1,Outer", "d1,", "name of a zone"),
    case("empty cell", "districts.csv", "d1,Centro,", "d1,,", "d1,", "name: the cell is empty"),
    case("negative count", "districts.csv", ",1000,", ",-1000,", "d1,", "population", "negative"),
    case("count with a fraction", "districts.csv", ",1000,", ",1000.5,", "d1,", "population: '1000.5'", "whole number"),
    case("text for a number", "districts.csv", ",2.5,", ",two,", "d1,", "area_km2: 'two' is not a number"),
    case("decimal comma", "districts.csv", ",2.5,", ',"2,5",', "d1,", "area_km2: '2,5' is not a number"),
    case("not a number", "districts.csv", ",1.5,", ",nan,", "d1,", "exposure", "not a finite number"),
    case("infinity", "districts.csv", ",1.5,", ",inf,", "d1,", "exposure", "not a finite number"),
    case("huge count", "districts.csv", ",1000,", f",{'9' * 5000},", "d1,", "population", "too large"),
    case("latitude out of range", "districts.csv", "-12.0,", "-120.0,", "d1,", "latitude: -120.0", "-90 to 90"),
    case("tile taken", "districts.csv", ",0,1,d1 d3", ",0,0,d1 d3", "d2,", "tile", "taken by Centro (line 2)"),
    case("unknown neighbour", "districts.csv", "d1 d3", "d1 d3 d9", "d2,", "neighbours", "'d9'"),
    case("neighbour on one side", "districts.csv", "1,1,d2", "1,1,", "d2,", "neighbours", "d3 (line 4) does not name d2"),
    case("own neighbour", "districts.csv", "0,0,d2", "0,0,d2 d1", "d1,", "neighbours", "its own neighbour"),
    case("district without source", "districts.csv", "d1 d3,E1 E2", "d1 d3,", "d2,", "source: the cell is empty"),
    case("district with unknown source", "districts.csv", "d1 d3,E1 E2", "d1 d3,E9", "d2,", "source", "'E9'", "evidence"),
    case("header alone", "districts.csv", DISTRICTS[DISTRICTS.index("\n") + 1 :], "", "", "no rows"),
    case("quote left open", "districts.csv", "d3,Sur", 'd3,"Sur', "d3,", "not valid CSV"),
    # In targets.csv.
    case("unknown district", "targets.csv", "Peñón,shop", "Penon,shop", "Penon", "district", "Did you mean 'Peñón'"),
    case("unknown kind", "targets.csv", "Peñón,shop", "Peñón,shops", "Peñón", "kind 'shops'", "Did you mean 'shop'"),
    case("pair twice", "targets.csv", "Centro,stall", "d1,shop", "d1,shop", "given twice", "line 2"),
    case("negative targets", "targets.csv", ",80,", ",-80,", "Peñón", "count", "-80 is negative"),
    case("district without targets", "targets.csv", "Peñón,shop", "Sur,shop", "d3,stall", "Peñón (d2) has no row"),
    case("targets with unknown source", "targets.csv", "70,E1 E2", "70,E1 E7", "d3,stall", "source", "'E7'"),
    case("no targets at all", "targets.csv", TARGETS, NO_TARGETS, "d3", "0 targets in all"),
    # In reports.csv.
    case("month outside", "reports.csv", "2020-03", "2022-03", "Centro,2022", "month: 2022-03", "2021-12-31"),
    case("not a month", "reports.csv", "2020-03", "2020-13", "Centro,2020-13", "'2020-13' is not a month"),
    case("month with a day", "reports.csv", "2020-03", "2020-03-01", "Centro,2020-03-01", "is not a month"),
    case("month twice", "reports.csv", "Centro,2020-03", "d1,2020-01", "d1,", "given twice for Centro", "line 2"),
    case("report of unknown district", "reports.csv", "Sur,", "South,", "South", "district 'South'"),
    # In evidence.csv.
    case("evidence id twice", "evidence.csv", "E2,", "E1,", "E1,invented,Testville,2020,2021,a tariff", "id: 'E1'", "line 2"),
    case("evidence without a name", "evidence.csv", "the tests,https", ",https", "E2,", "source_name: the cell is empty"),
    case("evidence low above high", "evidence.csv", "2,9", "9,2", "E2,", "low: 9 is above high"),
    case("evidence with text as value", "evidence.csv", ",5,PEN", ",five,PEN", "E2,", "value: 'five'"),
    # In scenario.toml, syntax and structure.
    case("syntax", TOML, 'currency = "PEN"', "currency = PEN", "currency", "not valid TOML"),
    case("unclosed text", TOML, 'title = "Testville"', 'title = "Testville', "title", "not valid TOML"),
    case("key twice", TOML, 'currency = "PEN"', 'currency = "PEN"\ntitle = "Again"', 'title = "Again"', "scenario.title: given twice", "line 2"),
    case("table twice", TOML, "[methods.arson]", "[methods.threat]", "[methods.threat]", "methods.threat: given twice"),
    case("unknown section", TOML, "[[policies]]", "[[policy]]", "[[policy]]", "unknown section 'policy'", "Did you mean 'policies'"),
    case("unknown key", TOML, "summary =", "sumary =", "sumary", "unknown key 'sumary'", "Did you mean 'summary'"),
    case("missing key", TOML, 'title = "Testville"\n', "", "[scenario]", "'title' is missing"),
    case("number for a text", TOML, 'title = "Testville"', "title = 3", "title", "scenario.title", "the number 3"),
    case("control character", TOML, 'title = "Testville"', 'title = "Test\\u001bville"', "title", "control character"),
    case("empty text", TOML, 'title = "Testville"', 'title = " "', "title", "the text is empty"),
    case("no kinds", TOML, MAIN[MAIN.index("[kinds.shop]") : MAIN.index("[methods.threat]")], "", "", "no kind", "[kinds.<name>]"),
    case("id with capitals", TOML, "[kinds.stall]", "[kinds.Stall]", "[kinds.Stall]", "'Stall' cannot be the id"),
    # In scenario.toml, dates.
    case("date in quotes", TOML, "start = 2020-01-01", 'start = "2020-01-01"', "start", "scenario.start", "without quotes"),
    case("no such date", TOML, "start = 2020-01-01", "start = 2020-02-30", "start", "not valid TOML"),
    case("date and time", TOML, "start = 2020-01-01", "start = 2020-01-01T10:00:00", "start", "where a date must"),
    case("date out of range", TOML, "start = 2020-01-01", "start = 1020-01-01", "start", "out of range", "1900-01-01"),
    case("end before start", TOML, "end = 2021-12-31", "end = 2019-12-31", "end", "before the start, 2020-01-01"),
    case("too long", TOML, "end = 2021-12-31", "end = 2121-12-31", "end", "at most 50 years"),
    # In scenario.toml, numbers.
    case("bare number", TOML, RATE, "rate = 0.2", "rate", "parameters.demand.rate", "0.2 stands alone"),
    case("neither source nor prior", TOML, RATE, 'rate = { value = 0.2, unit = "demands per member-day" }', "rate", "neither a source"),
    case("unknown source", TOML, MEMBERS, MEMBERS.replace("E1", "E3"), "members", "unknown source 'E3'", "evidence.csv"),
    case("wrong unit", TOML, MEMBERS, MEMBERS.replace('"members"', '"people"'), "members", "'people'; it must be 'members'"),
    case("missing unit", TOML, MEMBERS, 'members = { value = 1, source = "E1" }', "members", "'unit' is missing"),
    case("missing value", TOML, MEMBERS, 'members = { unit = "members", source = "E1" }', "members", "'value' is missing"),
    case("text as value", TOML, MEMBERS, MEMBERS.replace("0.5", '"few"'), "members", "the text 'few'"),
    case("true as value", TOML, MEMBERS, MEMBERS.replace("0.5", "true"), "members", "true stands where a number must"),
    case("nan as value", TOML, MEMBERS, MEMBERS.replace("0.5", "nan"), "members", "nan is not a finite number"),
    case("inf as value", TOML, MEMBERS, MEMBERS.replace("0.5", "inf"), "members", "inf is not a finite number"),
    case("value too low", TOML, MEMBERS, MEMBERS.replace("0.5", "-1"), "members", "-1 is out of range", "0 or more"),
    case("value outside its prior", TOML, RATE, RATE.replace("0.2,", "0.5,"), "rate", "outside its own prior, 0.1 to 0.4"),
    case("low above high", TOML, RATE, RATE.replace("low = 0.1", "low = 0.6"), "rate", "0.6 is not below high"),
    case("unknown prior", TOML, RATE, RATE.replace("lognormal", "log-normal"), "rate", "Did you mean 'lognormal'"),
    case("prior without low", TOML, RATE, RATE.replace("low = 0.1, ", ""), "rate", "'low' is missing"),
    case("range without prior", TOML, RATE, RATE.replace('prior = "lognormal"', 'source = "E1"'), "rate", "has no prior"),
    case("lognormal from zero", TOML, RATE, RATE.replace("low = 0.1", "low = 0"), "rate", "0 is not above 0"),
    case("prior beyond the bounds", TOML, RATE, RATE.replace("high = 0.4", "high = 40"), "rate", "rate.high: 40 is out of range"),
    case("unknown key of a number", TOML, RATE, RATE.replace("low =", "lo ="), "rate", "'lo'", "Did you mean 'low'"),
    # In scenario.toml, parameters.
    case("unknown mechanism", TOML, "[parameters.demand]", "[parameters.demands]", "[parameters.demands]", "unknown mechanism 'demands'", "Did you mean 'demand'"),
    case("unknown parameter", TOML, '\nshare = { value = 0.5, unit = "pr', '\nshar = { value = 0.5, unit = "pr', "shar =", "parameters.demand.shar", "Did you mean 'share'"),
    case("missing parameter", TOML, RATE + "\n", "", "[parameters.demand]", "'rate' is missing"),
    case("parameter on an open bound", TOML, '\nshare = { value = 0.5, unit = "pr', '\nshare = { value = 1, unit = "pr', "share", "above 0 and below 1"),
    case("parameter not whole", TOML, "spell = { value = 30", "spell = { value = 30.5", "spell", "not a whole number"),
    case("quantity of a kind missing", TOML, MAIN[MAIN.index("size_median") : MAIN.index("size_sigma")], "", "[kinds.shop]", "'size_median' is missing"),
    case("quantity of a kind unknown", TOML, "size_median", "size_medium", "size_medium", "kinds.shop.size_medium", "Did you mean 'size_median'"),
    # In scenario.toml, groups.
    case("unknown role", TOML, 'role = "entrant"', 'role = "entrants"', 'role = "entrants"', "Did you mean 'entrant'"),
    case("group of impostors", TOML, 'role = "entrant"', 'role = "impostor"', 'role = "impostor"', "groups.comers.role", "incumbent"),
    case("incumbent that arrives", TOML, 'role = "incumbent"', 'role = "incumbent"\narrival = 2020-05-01', "arrival", "there from the start"),
    case("entrant without arrival", TOML, "arrival = 2020-05-01\n", "", "[groups.comers]", "'arrival' is missing"),
    case("arrival outside", TOML, "arrival = 2020-05-01", "arrival = 2030-05-01", "arrival", "outside the scenario"),
    case("group in unknown district", TOML, 'districts = ["Sur"]', 'districts = ["Sor"]', 'districts = ["Sor"]', "groups.comers.districts", "Did you mean 'Sur'"),
    case("group nowhere", TOML, 'districts = ["Sur"]', "districts = []", "districts = []", "the list is empty"),
    case("districts not a list", TOML, 'districts = ["Sur"]', 'districts = "Sur"', 'districts = "Sur"', "list of texts"),
    case("remote group with districts", TOML, 'role = "remote"', 'role = "remote"\ndistricts = ["Sur"]', "districts", "holds no district"),
    case("unknown signature", TOML, 'signature = "arson"', 'signature = "arsen"', "signature", "method 'arsen'", "Did you mean 'arson'"),
    case("potential of a band", TOML, MEMBERS, MEMBERS + '\npotential = { value = 1, unit = "operators", source = "E1" }', "potential", "unknown key 'potential'"),
    # In scenario.toml, policies.
    case("unknown policy", TOML, 'kind = "curfew"', 'kind = "curfews"', 'kind = "curfews"', "policies[1].kind", "Did you mean 'curfew'"),
    case("unknown argument", TOML, "strict = true", "stricter = true", "stricter", "argument of curfew", "Did you mean 'strict'"),
    case("argument missing", TOML, "start = 2020-03-16\n", "", "[[policies]]", "'start' is missing, which curfew needs"),
    case("policy ends before it starts", TOML, "end = 2020-06-30", "end = 2020-02-01", "end = 2020-02-01", "before the start"),
    case("policy after the scenario", TOML, "start = 2020-03-16\nend = 2020-06-30", "start = 2024-03-16", "start = 2024", "after the end"),
    case("policy in unknown district", TOML, '"Testville", "d3"', '"Testvile", "d3"', "districts", "Did you mean 'Testville'"),
    case("policy on unknown group", TOML, 'group = "gang"', 'group = "gangs"', "group", "Did you mean 'gang'"),
    case("policy number without basis", TOML, 'strength = { value = 0.4, unit = "1", prior = "uniform", low = 0.2, high = 0.8 }', "strength = 0.4", "strength", "policies[1].strength", "stands alone"),
    case("policy number out of range", TOML, "strength = { value = 0.4", "strength = { value = 4", "strength", "0 or more and 1 or less"),
    case("policy flag as text", TOML, "strict = true", 'strict = "yes"', "strict", "true or false"),
    case("what the policy itself refuses", TOML, "strict = true", 'strict = true\nlabel = "never"', "[[policies]]", "policies[1]: a curfew is never called never"),
    # In scenario.toml, headline.
    case("headline of unknown kind", TOML, 'kind = "ratio"', 'kind = "quotient"', 'kind = "quotient"', "headline[4].kind"),
    case("headline of unknown measure", TOML, 'measure = "arrests"', 'measure = "arrest"', 'measure = "arrest"', "Did you mean 'arrests'"),
    case("headline of unknown region", TOML, 'region = "Testville"', 'region = "Testvill"', "region", "Did you mean 'Testville'"),
    case("headline id twice", TOML, 'id = "top"', 'id = "share"', 'id = "share"', "'share' is given twice"),
    case("ratio of nothing", TOML, '["january",', '["janury",', "ratio_of", "Did you mean 'january'"),
    case("headline outside", TOML, 'last = "2020-03"', 'last = "2026-03"', 'last = "2026-03"', "outside the scenario"),
    case("headline backwards", TOML, 'last = "2020-03"', 'last = "2019-12"', 'last = "2019-12"', "outside the scenario"),
    case("recorded without source", TOML, 'recorded = 7\nsource = "E1"', "recorded = 7", "recorded", "names its source"),
    case("too many top districts", TOML, "top = 2", "top = 9", "top = 9", "1 to 3"),
    # In scenario.toml, chain.
    case("link of unknown event", TOML, 'event = "protest"', 'event = "protests"', 'event = "protests"', "chain[1].event", "Did you mean 'protest'", "curfew"),
    case("unknown key of a link", TOML, 'after = "march"', 'follows = "march"', "follows", "unknown key 'follows'"),
    case("link id twice", TOML, 'id = "papers"', 'id = "march"', 'id = "march"', "'march' is given twice"),
    case("link after a later one", TOML, 'after = "march"', 'after = "papers"', 'after = "papers"', "unknown earlier link", "march, answer"),
    case("first link after another", TOML, 'event = "protest"', 'event = "protest"\nafter = "march"', "after", "the first link of a chain follows no other"),
    case("first link within days", TOML, 'event = "protest"', 'event = "protest"\nwithin = { value = 1, unit = "days", source = "E1" }', "within", "the first link of a chain follows no other"),
    case("later link without days", TOML, 'within = { value = 30, unit = "days", source = "E1" }', "", "[[chain]]", "'within' is missing"),
    case("link without a size", TOML, 'at_least = { value = 50, unit = "people", source = "E1" }', "", "[[chain]]", "'at_least' is missing"),
    case("size of a link in another unit", TOML, '{ value = 50, unit = "people"', '{ value = 50, unit = "vehicles"', "at_least", "it must be 'people'"),
    case("size of a link below one", TOML, '{ value = 50, unit = "people"', '{ value = 0, unit = "people"', "at_least", "above 0"),
    case("days of a link with a fraction", TOML, 'within = { value = 30', 'within = { value = 1.5', "within", "not a whole number"),
    case("link about unknown events", TOML, '["protest", "riot"]', '["protest", "roit"]', "about", "unknown type of event 'roit'", "Did you mean 'riot'"),
    case("link about events where it is one", TOML, 'event = "curfew"', 'event = "curfew"\nabout = ["riot"]', "about", "only the event contradictory_claims"),
    case("date of a link outside", TOML, "date = 2020-02-01", "date = 2030-02-01", "date", "outside the scenario"),
    case("date of a link without source", TOML, 'date = 2020-02-01\nsource = "E1"', "date = 2020-02-01", "date", "names its source"),
]
