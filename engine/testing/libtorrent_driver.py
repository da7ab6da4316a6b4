"""One libtorrent session, told what to do by JSON lines on stdin, telling what happens by JSON lines on stdout.

First word: the port to listen on. Commands: add, connect, limit, count.
"""
import json
import os
import queue
import sys
import threading
import time

import libtorrent as lt

commands = queue.Queue()
handles = []


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def listen_to_stdin():
    for line in sys.stdin:
        commands.put(json.loads(line))
    # Whoever started this is gone.
    os._exit(0)


def open_session(port):
    wanted = lt.alert.category_t
    return lt.session({
        "listen_interfaces": f"127.0.0.1:{port}",
        "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
        "enable_incoming_utp": False, "enable_outgoing_utp": False,
        "in_enc_policy": int(lt.enc_policy.pe_enabled),
        "out_enc_policy": int(lt.enc_policy.pe_disabled),
        "allow_multiple_connections_per_ip": True,
        "min_reconnect_time": 1,
        "alert_mask": int(wanted.status_notification | wanted.error_notification | wanted.tracker_notification),
    })


def params_of(source, have_all):
    if source.startswith("magnet:"):
        return lt.parse_magnet_uri(source)
    info = lt.torrent_info(source)
    params = lt.add_torrent_params()
    if have_all:
        # What it would have written down itself if it had been here before.
        params = lt.read_resume_data(lt.bencode({
            b"file-format": b"libtorrent resume file", b"file-version": 1,
            b"info-hash": info.info_hashes().v1.to_bytes(), b"pieces": b"\1" * info.num_pieces()}))
    params.ti = info
    return params


def add(session, source, folder, have_all):
    params = params_of(source, have_all)
    params.save_path = folder
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    handles.append(session.add_torrent(params))
    tell("added")


def obey(session, command):
    name = command.pop("cmd")
    if name == "add":
        add(session, **command)
    for handle in handles:
        if name == "connect":
            handle.connect_peer(("127.0.0.1", command["port"]))
        elif name == "limit":
            # The session's limit spares loopback peers; the torrent's does not.
            handle.set_upload_limit(command["up"])
        elif name == "count":
            status = handle.status()
            tell("count", uploaded=status.total_payload_upload, downloaded=status.total_payload_download)


EVENTS = {
    "torrent_finished_alert": "finished",
    "metadata_received_alert": "metadata",
    "torrent_error_alert": "error",
    "file_error_alert": "error",
    "listen_failed_alert": "error",
    "hash_failed_alert": "hash_failed",
    "peer_error_alert": "peer_error",
    "tracker_error_alert": "tracker_error",
}

session = open_session(int(sys.argv[1]))
threading.Thread(target=listen_to_stdin, daemon=True).start()
tell("ready")
while True:
    while not commands.empty():
        obey(session, commands.get())
    for alert in session.pop_alerts():
        event = EVENTS.get(type(alert).__name__)
        if event:
            tell(event, message=alert.message())
    time.sleep(0.01)
