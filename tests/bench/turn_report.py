"""The table of the TURN comparison: rows, ratios, aims, notes. `bench` is what `turn` measured."""

import bench_servers

IDLE_WANTED = 20_000
ALL_WANTED = object()  # in place of an aim: as many as were asked for

# Row, measurement, field, form, aim. An aim is of Bellhop's ratio to another's figure, or ("") of
# its own figure.
ROWS = [
    ("voice: CPU µs/packet", "voice", "cpu_us_per_packet", "{:.2f}", ("coturn", "≤", 0.7)),
    ("voice: loss %", "voice", "loss_percent", "{:.4f}", ("", "≤", 0)),
    ("voice: added p50 µs", "voice latency added", "p50_us", "{:.0f}", None),
    ("voice: added p99 µs", "voice latency added", "p99_us", "{:.0f}", None),
    ("flat out: packets/s", "flat out", "delivered_per_s", "{:.0f}", ("coturn", "≥", 1.3)),
    ("flat out: packets/CPU s", "flat out", "delivered_per_cpu_s", "{:.0f}", None),
    ("flat out: CPU busy", "flat out", "busy", "{:.2f}", None),
    ("loss begins: packets/s", "loss begins", "rate", "{:.0f}", None),
    ("at 80 %: loss %", "at 80 %", "loss_percent", "{:.4f}", ("", "≤", 0)),
    ("at 50 %: added p50 µs", "at 50 % added", "p50_us", "{:.0f}", None),
    ("at 50 %: added p99 µs", "at 50 % added", "p99_us", "{:.0f}", ("", "<", 300)),
    ("hairpin: CPU µs/packet", "hairpin", "cpu_us_per_packet", "{:.2f}", ("coturn", "≤", 0.4)),
    ("hairpin: loss %", "hairpin", "loss_percent", "{:.4f}", ("", "≤", 0)),
    ("bursts: packets/CPU s", "bursts", "delivered_per_cpu_s", "{:.0f}", ("coturn", "≥", 4)),
    ("bursts: packets/s", "bursts", "delivered_per_s", "{:.0f}", None),
    ("trains: packets/CPU s", "trains", "delivered_per_cpu_s", "{:.0f}", ("coturn", "≥", 4)),
    ("trains: packets/s", "trains", "delivered_per_s", "{:.0f}", None),
    ("cycles/s", "cycles", "cycles_per_s", "{:.0f}", ("coturn", "≥", 5)),
    ("CPU µs/cycle", "cycles", "cpu_us_per_cycle", "{:.1f}", None),
    ("KiB/idle allocation", "idle", "anon_kib_per_allocation", "{:.2f}", ("coturn", "≤", 0.1)),
    ("allocations held", "idle", "held", "{:.0f}", ("", "≥", ALL_WANTED)),
    ("strangers: growth KiB", "strangers", "growth_kib", "{:.0f}", ("", "<", 1024)),
    ("strangers: growth bytes/request", "strangers", "growth_bytes_per_request", "{:.1f}", None),
    ("strangers: bytes out/byte in", "strangers", "answered_per_byte", "{:.2f}", ("", "≤", 1)),
    ("strangers: CPU µs/request", "strangers", "cpu_us_per_request", "{:.1f}", None),
]
HOLDS = {"≥": lambda value, aim: value >= aim, "≤": lambda value, aim: value <= aim,
         "<": lambda value, aim: value < aim}


def verdict(bench, row, values):
    """(ratio, aim, met or missed) as texts, and whether nothing is missed."""
    name, measurement, field, _, aim = row
    ours, theirs = values.get("bellhop"), values.get("coturn")
    ratio = ours / theirs if ours is not None and theirs else None
    text = "" if ratio is None else f"{ratio:.2f}"
    if aim is None or "bellhop" not in values:
        return text, "", "", True
    other, relation, bound = aim
    bound = bench.plan.idle if bound is ALL_WANTED else bound
    measured = ratio if other else ours
    if field == "loss_percent":
        measured = bench.worst(measurement, "bellhop", field)
    shown = f"{relation} {bound:g}" + (f" × {other}'s" if other else "")
    if measured is None:
        return text, shown, "not measured", True
    met = HOLDS[relation](measured, bound)
    return text, shown, "met" if met else "missed", met


def print_table(bench):
    """True if every aim that could be looked at is met."""
    met_all = True
    peers = bench.options.only
    rows = [["", *peers, "ratio", "aim", ""]]
    for row in ROWS:
        name, measurement, field, form, _ = row
        values = {peer: bench.median(measurement, peer, field) for peer in peers}
        if all(value is None for value in values.values()):
            continue
        *texts, met = verdict(bench, row, values)
        met_all = met_all and met
        rows.append([name, *("–" if values[peer] is None else form.format(values[peer])
                             for peer in peers), *texts])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [cell.ljust(width) if column == 0 else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        print("| " + " | ".join(cells) + " |")
        if number == 0:
            print("| " + " | ".join("-" * width if column == 0 else "-" * (width - 1) + ":"
                                    for column, width in enumerate(widths)) + " |")
    return met_all


def print_notes(bench):
    print("\nNotes")
    print(f"- Medians of {bench.options.rounds} rounds; loss is the worst round's where an aim "
          "is about it.")
    for peer in bench.options.only:
        busy = bench.median("flat out", peer, "busy")
        if busy is not None and busy < 0.9:
            print(f"- {peer}: flat out, its thread was busy for {busy:.0%} of the time only: the "
                  "load program, or somebody else, was the limit.")
    if bench.plan.idle < IDLE_WANTED and not bench.options.quick:
        print(f"- Open files are limited to {bench_servers.file_limit()} here, so "
              f"{bench.plan.idle} allocations were asked for.")
    for name in ("voice latency added", "at 50 % added"):
        for peer in bench.options.only:
            usual = bench.median(name, peer, "direct_p50_us")
            if usual is not None:
                print(f"- {name.removesuffix(' added')}, beside {peer}: without a server p50 "
                      f"{usual:.1f} µs, p99 {bench.median(name, peer, 'direct_p99_us'):.1f} µs.")
    for note in bench.notes:
        print("-", note)
