declare module 'parse-torrent'
