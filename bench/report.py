"""Results as a page for people, as JSON, and as charts."""

import json

import charts

HEAD = ["", "requests/s", "p50", "p99", "CPU each", "requests/s : base", "CPU : base"]


def write(results, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.json").write_text(json.dumps(results, indent=1) + "\n")
    for name, svg in drawn(results).items():
        (folder / f"bench-{name}.svg").write_text(svg)
    page = "\n\n".join(section for section in sections(results) if section) + "\n"
    (folder / "bench.md").write_text(page)
    print(page)


def sections(results):
    yield "# How fast it is"
    yield introduction(results)
    yield from hit(results)
    yield from rate(results)
    yield from cold(results)
    yield from write_forms(results)
    yield from size(results)
    yield from memory(results)
    yield errors(results)


def introduction(results):
    m, o, p = results["machine"], results["options"], results["program"]
    cache = "" if results["cache"] else " It has no page cache: every answer of Masthead is made from the database."
    return (
        f"Written by `make bench`; [bench/](../bench/README.md) says how. Measured was {p['version']} ({p['profile']} build), "
        f"with the settings that it has by default, its log in a file.{cache}\n\n"
        f"Machine: {m['processors']} processors ({m['model']}{', virtual' if m['virtual'] else ''}), {m['memory_gib']} GiB, "
        f"{m['kernel']}, PostgreSQL {m['postgres']}, rustc {m['rustc']}" + (f", nginx {m['nginx']}" if m["nginx"] else "") + ". "
        f"Client, server and database share them, each server has two workers, and there are {o['connections']} kept connections. "
        f"Absolute figures therefore say little; the ratios do. They are taken within rounds in which every server is measured "
        f"in turn for {o['seconds']:g} s, {o['rounds']} rounds; shown are the median and, in brackets, the least and the greatest."
    )


def hit(results):
    if "hit" not in results:
        return
    yield "## Pages from memory"
    yield ("The same bytes from Masthead, from an actix-web handler that does nothing but return them (the base), and, where "
           "it is listed, from nginx, which sends files. Masthead also picks the encoding, gives each answer its ids and "
           "security headers, and writes a line to its log.")
    yield "![Requests a second](bench-hit.svg)"
    for case, servers in results["hit"].items():
        yield f"**{case}**\n\n{table(servers)}"
        checks = [f"{name} {line['wrk_rps']:,.0f}" for name, line in servers.items() if "wrk_rps" in line]
        yield "wrk counted, once: " + ", ".join(checks) + "." if checks else ""


def rate(results):
    if "rate" not in results:
        return
    r = results["rate"]
    yield f"## Waiting at {r['rate']:,} requests a second"
    yield (f"{r['case']}, asked for at even intervals and at half the rate that the bare server reaches. Time counts from "
           "the moment at which a request was due, so a pause of the server is paid for by everybody who would have come in it.")
    yield "![99th percentile](bench-rate.svg)"
    yield table(r["servers"], waiting=True)


def write_forms(results):
    if "write" not in results:
        return
    yield "## Writing"
    yield ("Eight writers, each form once. The base is a handler that writes one row, in a transaction of its own, through the "
           "same driver. A comment is also checked, rendered, counted and written into the audit log, and pages that show it "
           "are invalidated; a save is a whole revision with its rendering; a publication also changes lists and feeds. CPU "
           "is that of the server without PostgreSQL's.")
    yield table(results["write"])


def cold(results):
    if "cold" not in results:
        return
    yield "## Pages from the database"
    yield ("Masthead with its cache switched off, and a handler that reads the stored HTML of the same post by primary key "
           "with text and author joined, through the same driver (the base). CPU is that of the server without PostgreSQL's. "
           "Masthead's page also needs tags, authors, comments and settings, is put into a layout and hashed for its ETag. "
           "The third line is that page's one query through the bare handler, with nothing done to its rows: no page of "
           "Masthead's out of the database can be faster.")
    for case, servers in results["cold"].items():
        yield f"**{case}**\n\n{table(servers)}"


def size(results):
    if "size" not in results:
        return
    yield "## Small site, large site"
    yield ("The same questions to two sites, over one connection; the base is the small site. A hit is one page again and "
           "again; a miss is a post that was not asked for before, each one time: what it takes to make a page. The "
           "database was filled just before, so its files are in the memory of the system. All in brotli.")
    yield "![Small and large site](bench-size.svg)"
    for case, sites in results["size"].items():
        if case != "memory":
            yield f"**{case}**\n\n{table(sites)}"


def memory(results):
    lines = []
    m = results.get("memory")
    if m:
        lines += [["masthead, just started", mib(m["start"])], ["masthead, after the measurements", mib(m["now"])],
                  ["masthead, at its highest", mib(m["peak"])], ["bare actix, at its highest", mib(m["bare"])]]
    for name, used in results.get("size", {}).get("memory", {}).items():
        lines.append([f"masthead, {name}, at its highest", mib(used["peak"])])
    if lines:
        yield "## Memory"
        yield "Resident memory of the process, without PostgreSQL."
        yield grid(["", "RSS"], lines)


def errors(results):
    groups = [*results.get("hit", {}).values(), *results.get("cold", {}).values(), results.get("rate", {}).get("servers", {}),
              results.get("write", {})]
    groups += [group for case, group in results.get("size", {}).items() if case != "memory"]
    failed = [f"{name}: {line['errors']:,}" for group in groups for name, line in group.items() if line["errors"]]
    return "Answers that failed or never came: " + ("; ".join(failed) if failed else "none") + "."


def table(servers, waiting=False):
    head = HEAD[:5] + ["p99 : base", "CPU : base"] if waiting else HEAD
    return grid(head, [row(name, line, waiting) for name, line in servers.items()])


def row(name, line, waiting):
    ratio = line.get("ratio", {})
    first = ratio.get("p99_us" if waiting else "rps")
    return [name, f"{line['rps']:,.0f}", time(line["p50_us"]), time(line["p99_us"]), time(line["cpu_us"]),
            spread(first), spread(ratio.get("cpu_us"))]


def grid(head, rows):
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(ratio):
    if not ratio:
        return ""
    shown = [f"{ratio[key]:.2f}" if ratio[key] < 100 else f"{ratio[key]:,.0f}" for key in ("median", "min", "max")]
    return f"{shown[0]} ({shown[1]}–{shown[2]})"


def time(micros):
    if micros is None:
        return "?"
    if micros >= 10_000:
        return f"{micros / 1000:,.0f} ms"
    return f"{micros:,.0f} µs" if micros >= 100 else f"{micros:.1f} µs"


def mib(kib):
    return f"{kib / 1024:,.0f} MiB"


def drawn(results):
    """Charts by name."""
    made = {}
    if "hit" in results:
        groups = [(case, [(name, line["rps"]) for name, line in servers.items()]) for case, servers in results["hit"].items()]
        made["hit"] = charts.bars("Pages from memory", "requests a second", groups)
    if "rate" in results:
        servers = results["rate"]["servers"]
        groups = [(percentile, [(name, line[f"{percentile}_us"]) for name, line in servers.items()])
                  for percentile in ("p50", "p99")]
        made["rate"] = charts.bars(f"Waiting at {results['rate']['rate']:,} requests a second", "microseconds", groups)
    if "size" in results:
        groups = [(case, [(name, line["p50_us"]) for name, line in sites.items()])
                  for case, sites in results["size"].items() if case != "memory"]
        made["size"] = charts.bars("Small site, large site", "median, microseconds", groups)
    return made


def write_million(results, folder):
    """Every route of the small and of the large site beside each other; the plans stand in the JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench-million.json").write_text(json.dumps(results, indent=1) + "\n")
    sizes = list(results["sites"])
    small, large = (results["sites"][size] for size in sizes)
    head = ["route", "question", "status", *sizes, "queries, small", "queries, large", "buffers, small", "buffers, large", "read whole"]
    lines = ["| " + " | ".join(head) + " |", "| --- | --- | --: " + "| --: " * 6 + "| --- |"]
    for a, b in zip(small, large):
        cells = [f"`{b['route']}`", b["case"], b["status"], f"{a['ms']:.1f} ms", f"{b['ms']:.1f} ms", f"{a['db_ms']:.1f} ms",
                 f"{b['db_ms']:.1f} ms", f"{a['buffers']:,}", f"{b['buffers']:,}", ", ".join(b["whole"])]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    m = results["machine"]
    page = (
        "# Every route of a large site\n\n"
        "Written by `make bench ARGS=--million`; [bench/](../bench/README.md) says how. Each GET route of the table is asked on a "
        f"site of {sizes[0]} and on one of {sizes[1]}, by nodes that keep no pages: what stands here is what it costs to make an "
        "answer. Medians of five, over one connection; time and buffers (8 kB each) of the queries are those of one more answer. "
        "The last column names tables of which more than 200 rows were read without an index.\n\n"
        f"Machine: {m['processors']} processors ({m['model']}), {m['memory_gib']} GiB, PostgreSQL {m['postgres']}, "
        f"load {m['load_average']} when it began.\n\n" + "\n".join(lines) + "\n"
    )
    (folder / "bench-million.md").write_text(page)
    print(page)
