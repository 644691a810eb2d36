"""The same endpoints on FastAPI, doing the same work on the same cluster. Run by main.ts.

Usage: fastapi_peer.py <fixture.json> serve | ingest
It validates queries, filters and pages containers, adds origin and age to each, prices by the same formula and reads
hours from SQLite. Answers are plain dictionaries through the fastest JSON response at hand, without response models.
"""
import json
import sqlite3
import sys
import time
import zlib

FIXTURE = json.load(open(sys.argv[1]))
RATES = {"electricity": 0.12, "cooling": 1.3, "carbon": 0.05}


def iso(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms / 1000)) + ".000Z"


def price(watts, hours=1.0):
    electricity = watts * (hours / 1000) * RATES["electricity"]
    cooling = electricity * RATES["cooling"]
    kg = watts * hours / 1000
    carbon = kg * RATES["carbon"]
    return {"power_watts": watts, "energy_kwh": kg, "electricity_usd": electricity, "cooling_usd": cooling,
            "carbon_usd": carbon, "total_usd": electricity + cooling + carbon, "carbon_kg": kg}


def evidence(power, now_ms):
    return {"origin": power["origin"], "sources": power["sources"], "sampled_at": iso(power["atMs"]),
            "age_seconds": max(0, (now_ms - power["atMs"]) / 1000)}


def container_answer(power, at_ms, now_ms):
    return {"container_name": power["container"], "pod_name": power["pod"], "namespace": power["namespace"],
            "node_name": power["node"], "power_watts": power["activeWatts"] + power["idleWatts"],
            "active_watts": power["activeWatts"], "idle_watts": power["idleWatts"], "parts": power["parts"],
            "timestamp": iso(at_ms),
            "labels": {"container_name": power["container"], "pod_name": power["pod"],
                       "container_namespace": power["namespace"]},
            **evidence(power, now_ms)}


SCHEMA = """
CREATE TABLE series (id INTEGER PRIMARY KEY, kind TEXT, namespace TEXT, pod TEXT, container TEXT, node TEXT,
  UNIQUE (kind, namespace, pod, container, node));
CREATE TABLE energy (level_ms INTEGER, from_ms INTEGER, series INTEGER, active_j REAL, idle_j REAL, cpu_j REAL,
  dram_j REAL, covered_ms INTEGER, PRIMARY KEY (level_ms, from_ms, series)) WITHOUT ROWID;
CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER, batch BLOB);
"""
UPSERT = """INSERT INTO energy VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (level_ms, from_ms, series) DO UPDATE SET
  active_j = active_j + excluded.active_j, idle_j = idle_j + excluded.idle_j, cpu_j = cpu_j + excluded.cpu_j,
  dram_j = dram_j + excluded.dram_j, covered_ms = covered_ms + excluded.covered_ms"""


class History:
    def __init__(self, path):
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(SCHEMA)
        self.ids = {}

    def id_of(self, key):
        if key not in self.ids:
            self.ids[key] = self.db.execute(
                "INSERT INTO series (kind, namespace, pod, container, node) VALUES (?, ?, ?, ?, ?)", key).lastrowid
        return self.ids[key]

    def append(self, snapshot, interval_ms, batch=None):
        at_ms = snapshot["atMs"]
        self.db.execute("BEGIN")
        rows = []
        seconds = interval_ms / 1000
        for level in (300_000, 3_600_000):
            bucket = (at_ms - interval_ms) // level * level
            for c in snapshot["containers"]:
                key = ("container", c["namespace"], c["pod"], c["container"], c["node"])
                rows.append((level, bucket, self.id_of(key), c["activeWatts"] * seconds, c["idleWatts"] * seconds,
                             c["parts"].get("cpu", 0) * seconds, c["parts"].get("dram", 0) * seconds, interval_ms))
            for n in snapshot["nodes"]:
                key = ("node", "", "", "", n["node"])
                rows.append((level, bucket, self.id_of(key), n["activeWatts"] * seconds, n["idleWatts"] * seconds,
                             n["parts"].get("cpu", 0) * seconds, None, interval_ms))
        self.db.executemany(UPSERT, rows)
        if batch is not None:
            self.db.execute("INSERT INTO outbox (at_ms, batch) VALUES (?, ?)",
                            (at_ms, zlib.compress(json.dumps(batch).encode(), 1)))
        self.db.execute("COMMIT")


def batch_of(snapshot):
    samples = []
    for c in snapshot["containers"]:
        watts = c["activeWatts"] + c["idleWatts"]
        samples.append({"kind": "container", "group": "namespace/" + c["namespace"],
                        "tags": {"namespace": c["namespace"], "pod": c["pod"], "container": c["container"], "node": c["node"]},
                        "fields": {"watts": watts, "active_watts": c["activeWatts"], "idle_watts": c["idleWatts"],
                                   **{f"{part}_watts": value for part, value in c["parts"].items()}, **price(watts),
                                   "origin": c["origin"], "sources": ",".join(c["sources"])}})
    for n in snapshot["nodes"]:
        samples.append({"kind": "node", "group": "nodes", "tags": {"node": n["node"]},
                        "fields": {"watts": n["watts"], **price(n["watts"]), "origin": n["origin"]}})
    return {"atMs": snapshot["atMs"], "samples": samples}


def ingest():
    history = History(sys.argv[3])
    count, start = 0, time.perf_counter()
    for snapshot in FIXTURE["snapshots"]:
        history.append(snapshot, 15_000, batch_of(snapshot))
        count += len(snapshot["containers"]) + len(snapshot["nodes"])
    print(json.dumps({"samples": count, "seconds": time.perf_counter() - start}))


def serve():
    import uvicorn
    from fastapi import FastAPI, Query
    from fastapi.responses import Response
    import orjson

    app = FastAPI()
    snapshot = FIXTURE["snapshot"]
    at_ms = snapshot["atMs"]
    ordered = sorted(snapshot["containers"], key=lambda c: (c["namespace"], c["pod"], c["container"]))
    history = History(sys.argv[3])
    for past in FIXTURE["hours"]:
        history.append(past, 3_600_000)

    def answer(value):
        return Response(orjson.dumps(value), media_type="application/json")

    @app.get("/health")
    async def health():
        return answer({"status": "healthy", "service": "cost-estimator", "timestamp": iso(time.time() * 1000)})

    def selected(namespace, workload):
        return [c for c in ordered if (namespace is None or c["namespace"] == namespace)
                and (workload is None or workload in c["pod"])]

    @app.get("/power/containers")
    async def containers(namespace: str | None = Query(None, max_length=63), workload: str | None = None,
                         limit: int = Query(100, ge=1, le=5000)):
        now_ms = time.time() * 1000
        found = selected(namespace, workload)
        page = [container_answer(c, at_ms, now_ms) for c in found[:limit]]
        total = sum(c["activeWatts"] + c["idleWatts"] for c in found)
        return answer({"containers": page, "count": len(page), "total_count": len(found),
                       "total": {"power_watts": total}, "timestamp": iso(at_ms), "problems": []})

    @app.get("/power/current")
    async def current(namespace: str | None = Query(None, max_length=63), workload: str | None = None,
                      limit: int = Query(1000, ge=1, le=5000)):
        now_ms = time.time() * 1000
        found = selected(namespace, workload)
        return answer({"data": [container_answer(c, at_ms, now_ms) for c in found[:limit]],
                       "total": {"power_watts": sum(c["activeWatts"] + c["idleWatts"] for c in found)},
                       "timestamp": iso(at_ms), "time_range": "5m", "problems": []})

    @app.get("/power/nodes")
    async def nodes():
        now_ms = time.time() * 1000
        by_node = {}
        for c in snapshot["containers"]:
            by_node[c["node"]] = by_node.get(c["node"], 0) + c["activeWatts"] + c["idleWatts"]
        rows = [{"node_name": n["node"], "power_watts": n["watts"], "active_watts": n["activeWatts"],
                 "idle_watts": n["idleWatts"], "containers_watts": by_node.get(n["node"], 0),
                 "system_watts": n["systemWatts"], "parts": n["parts"], "devices": [], "timestamp": iso(at_ms),
                 **evidence(n, now_ms)} for n in snapshot["nodes"]]
        return answer({"nodes": rows, "count": len(rows), "total": {"power_watts": sum(n["watts"] for n in snapshot["nodes"])},
                       "timestamp": iso(at_ms), "problems": []})

    @app.get("/cost/current")
    async def cost(namespace: str | None = Query(None, max_length=63)):
        found = selected(namespace, None)
        by_namespace = {}
        for c in found:
            by_namespace[c["namespace"]] = by_namespace.get(c["namespace"], 0) + c["activeWatts"] + c["idleWatts"]
        whole = sum(n["watts"] for n in snapshot["nodes"])
        return answer({"cost": {**price(whole), "namespaces": [{"namespace": name, **price(watts)} for name, watts in sorted(by_namespace.items())],
                                "system": price(whole - sum(by_namespace.values()))},
                       "timestamp": iso(at_ms), "period": "1 hour"})

    @app.get("/cost/hourly")
    def hourly(namespace: str | None = Query(None, max_length=63)):
        now_ms = int(time.time() * 1000)
        rows = history.db.execute(
            "SELECT from_ms, sum(active_j), sum(idle_j), max(covered_ms) FROM energy JOIN series ON series.id = energy.series "
            "WHERE level_ms = 3600000 AND from_ms >= ? AND kind = ? AND (? IS NULL OR namespace = ?) GROUP BY from_ms ORDER BY from_ms",
            (now_ms - 90_000_000, "node" if namespace is None else "container", namespace, namespace)).fetchall()
        hours = [{"start": iso(from_ms), "end": iso(from_ms + 3_600_000), **price((active + idle) / 3600),
                  "coverage": min(1, covered / 3_600_000), "origin": "measured"} for from_ms, active, idle, covered in rows]
        return answer({"cost_analysis": hours, "total": price(sum(h["power_watts"] for h in hours)), "timestamp": iso(now_ms)})

    @app.get("/calibration/config")
    async def config():
        return answer({"calibration": {"container_to_node_slope": 23.993, "container_to_node_intercept": 4.5347,
                                       "node_util_to_power_slope": 0.7254, "node_util_to_power_intercept": 53.88,
                                       "node_idle_power_watts": 53.88, "node_max_power_watts": 126.34}, "note": "in use"})

    print("ready", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[4]), log_level="error", access_log=False, loop="uvloop", http="httptools")


(serve if sys.argv[2] == "serve" else ingest)()
