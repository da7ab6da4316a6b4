/**
 * Every bound on outside bytes, in one place, checked before memory is allocated.
 * docs/threat-model.md says who could send such a thing.
 */
export const LIMITS = {
  bencode: {
    depth: 100,
    /** Answers of trackers and nodes are flat. */
    answerDepth: 8,
    tokens: 3_000_000,
  },
  metainfo: {
    bytes: 64 * 1024 * 1024,
    pieces: 2_097_152,
    files: 500_000,
    pathDepth: 100,
    equalNames: 500,
    /** v1 torrents with smaller pieces exist but would cost more in hashes than in data. */
    pieceLengthMin: 1024,
    pieceLengthMax: 512 * 1024 * 1024,
    totalBytes: 2 ** 50,
    trackers: 5_000,
    nodes: 100,
    nameBytes: 240,
    textChars: 2_000,
  },
  magnet: { chars: 64 * 1024, trackers: 100, peers: 100, webSeeds: 20 },
  metadataBytes: 30 * 1024 * 1024,
  wire: {
    /** BEP 3: implementations use 2^14 and close connections that request more. */
    blockBytes: 16 * 1024,
    /** Longest request that we serve: some old clients ask for 32 KiB to 128 KiB. */
    requestBytes: 128 * 1024,
    messageBytes: 1024 * 1024 + 9,
    handshakeMs: 10_000,
    idleMs: 120_000,
    keepAliveMs: 100_000,
    requestMs: 60_000,
    snubMs: 20_000,
    requestsFromPeer: 2_000,
    /** Clients that refill about once a second need this many to be served at full speed (docs/decisions/0010). */
    reqqAdvertised: 1_500,
    requestsToPeer: 1_500,
    unsentBytes: 4 * 1024 * 1024,
    unreadMs: 120_000,
    clientNameChars: 64,
  },
  /** Message Stream Encryption: read before a decision, and what may pad each message. */
  mse: { bytes: 2048, pad: 512, /** Key exchange and handshake together. */ handshakeMs: 15_000 },
  pex: { added: 50, dropped: 50, intervalMs: 60_000 },
  peers: { knownPerTorrent: 3_000, perTorrent: 200, perSession: 500, perAddress: 3, halfOpen: 50 },
  http: {
    headerBytes: 64 * 1024,
    headers: 100,
    trackerBytes: 2 * 1024 * 1024,
    trackerInflatedBytes: 4 * 1024 * 1024,
    torrentBytes: 64 * 1024 * 1024,
    redirects: 10,
    trackerRedirects: 5,
    totalMs: 60_000,
    silentMs: 15_000,
  },
  webSeed: {
    perTorrent: 50,
    /** Web seeds of one torrent that are asked at the same time, and requests to each of them. */
    atOnce: 4,
    requests: 2,
    chunkMinBytes: 64 * 1024,
    chunkMaxBytes: 4 * 1024 * 1024,
    /** Files up to this are taken whole from servers that know no ranges. */
    wholeBytes: 1024 * 1024,
    errorPageBytes: 256 * 1024,
    retryMinMs: 15_000,
    retryMaxMs: 30 * 60_000,
    /** The longest that a server may ask us to stay away. */
    retryAfterMaxMs: 24 * 3_600_000,
    /** Files in a row that a server does not have before it counts as the wrong one. */
    missingFiles: 4,
  },
  tracker: {
    peers: 3_000,
    textChars: 500,
    intervalMinMs: 60_000,
    intervalMaxMs: 24 * 3_600_000,
    announcesAtOnce: 10,
    udpPacketBytes: 2048,
    udpPeers: 200,
    retryOnClickMs: 30_000,
  },
  dht: {
    /** More than any Ethernet frame carries in one piece. */
    packetBytes: 1500,
    /** BEP 32: the longest packet that a node may send. */
    sentBytes: 1024,
    transactionBytes: 32,
    tokenBytes: 128,
    values: 100,
    nodes: 16,
    peersPerHash: 500,
    hashes: 2_000,
    /** Over all hashes: some 30 MB. */
    peers: 100_000,
    peerMs: 30 * 60_000,
    answerBytesPerSecond: 8_000,
    answerFactor: 10,
    packetsPerSecond: 5,
    blockMs: 5 * 60_000,
    savedNodes: 200,
  },
  lan: {
    /** Descriptions and answers of routers. */
    xmlBytes: 256 * 1024,
    xmlDepth: 32,
    xmlElements: 10_000,
    httpMs: 5_000,
    /** A local announce that still fits into one frame, and the infohashes that then fit into it. */
    lsdBytes: 1400,
    lsdHashes: 24,
    lsdPerTorrentMs: 1_000,
    routersAsked: 8,
  },
  state: { recordBytes: 64 * 1024 * 1024 },
  /** setTimeout fires at once for a longer delay. */
  timerMs: 2 ** 31 - 1,
} as const
