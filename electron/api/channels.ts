/** `data` of the `message` event that brings the engine's MessagePort to the page. */
export const ENGINE_PORT = 'freshet:engine-port'

/** Names of the IPC channels between preload and main. Nothing else may pass. */
export const CHANNELS = {
  /** page → main, answered */
  pickTorrents: 'shell:pick-torrents',
  pickFolder: 'shell:pick-folder',
  reveal: 'shell:reveal',
  openPath: 'shell:open-path',
  readClipboardText: 'shell:read-clipboard-text',
  /** page → main, not answered */
  connectEngine: 'engine:connect',
  ready: 'shell:ready',
  setProgress: 'shell:set-progress',
  setBadge: 'shell:set-badge',
  notify: 'shell:notify',
  setTheme: 'shell:set-theme',
  /** main → page */
  enginePort: 'engine-port',
  openRequest: 'shell:open-request',
  notificationClick: 'shell:notification-click',
} as const
