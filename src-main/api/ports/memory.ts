import type { Port } from '../../../src-preload/contract/frames.ts'

/** One end of a pair; frames are delivered in order, each in a turn of its own. */
class MemoryPort implements Port {
  peer: MemoryPort | null = null
  readonly #frameListeners: ((frame: string) => void)[] = []
  readonly #closeListeners: (() => void)[] = []
  #queued = 0
  #closed = false

  send(frame: string): void {
    const peer = this.peer
    if (this.#closed || peer === null) return
    this.#queued += frame.length
    setImmediate(() => {
      this.#queued -= frame.length
      if (!peer.#closed) for (const listener of peer.#frameListeners) listener(frame)
    })
  }

  onFrame(listener: (frame: string) => void): void {
    this.#frameListeners.push(listener)
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  buffered(): number {
    return this.#queued
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const listener of this.#closeListeners) listener()
    setImmediate(() => this.peer?.close())
  }
}

/** Two connected ports in one process: the command line that is its own host, and tests. */
export function memoryPorts(): readonly [Port, Port] {
  const a = new MemoryPort()
  const b = new MemoryPort()
  a.peer = b
  b.peer = a
  return [a, b]
}
