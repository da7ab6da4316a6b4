"""Several libtorrent DHT nodes on loopback, told what to do by JSON lines on stdin, telling what happens on stdout.

Words: the port of each. Commands: announce, find. Every command names the node by its place.
"""
import json
import os
import queue
import sys
import tempfile
import threading
import time

import libtorrent as lt

commands = queue.Queue()


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def listen_to_stdin():
    for line in sys.stdin:
        commands.put(json.loads(line))
    # Whoever started this is gone.
    os._exit(0)


def open_session(port):
    return lt.session({
        "listen_interfaces": f"127.0.0.1:{port}",
        "enable_dht": True, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
        "dht_bootstrap_nodes": "",
        # All nodes share one address here, and ask each other a lot.
        "dht_restrict_routing_ips": False, "dht_restrict_search_ips": False, "dht_block_ratelimit": 1000,
        "alert_mask": int(lt.alert.category_t.dht_operation_notification | lt.alert.category_t.dht_notification),
    })


def announce(session, infohash):
    """A torrent says where this session listens; asked again, it says so again."""
    handle = session.find_torrent(infohash)
    if not handle.is_valid():
        params = lt.parse_magnet_uri(f"magnet:?xt=urn:btih:{infohash}")
        params.save_path = tempfile.gettempdir()
        params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
        handle = session.add_torrent(params)
    handle.force_dht_announce()


ports = [int(word) for word in sys.argv[1:]]
sessions = [open_session(port) for port in ports]
for session in sessions:
    for port in ports:
        session.add_dht_node(("127.0.0.1", port))
threading.Thread(target=listen_to_stdin, daemon=True).start()
tell("ready")
while True:
    while not commands.empty():
        command = commands.get()
        session = sessions[command["node"]]
        infohash = lt.sha1_hash(bytes.fromhex(command["hash"]))
        if command["cmd"] == "announce":
            announce(session, infohash)
        else:
            session.dht_get_peers(infohash)
    for place, session in enumerate(sessions):
        for alert in session.pop_alerts():
            if isinstance(alert, lt.dht_get_peers_reply_alert):
                peers = [f"{address}:{port}" for address, port in alert.peers()]
                tell("found", node=place, hash=str(alert.info_hash), peers=peers)
    time.sleep(0.02)
