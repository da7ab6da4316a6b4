/** A pipe of messages between one face and the engine; ordered, and nothing arrives after `onClose`. */
export interface Transport<Out, In> {
  send(message: Out): void
  /** One listener; messages that came before it was set are delivered then. */
  onMessage(listener: (message: In) => void): void
  /** Told once, also when we closed it ourselves. */
  onClose(listener: () => void): void
  close(): void
}
