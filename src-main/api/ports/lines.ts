import { StringDecoder } from 'node:string_decoder'
import type { Duplex } from 'node:stream'
import { maxFrameBytes, type Port } from '../../../src-preload/contract/frames.ts'

/**
 * A port over a byte stream (a unix socket or a named pipe): one frame a line, since JSON text holds no raw line break.
 * A line longer than a frame may be ends the connection.
 */
export function linesPort(stream: Duplex): Port {
  const decoder = new StringDecoder('utf8')
  const listeners: ((frame: string) => void)[] = []
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) for (const listener of listeners) listener(line)
    if (rest.length > maxFrameBytes) stream.destroy()
  })
  stream.on('error', () => stream.destroy()) // 'close' follows and is what the port reports
  return {
    send: frame => {
      if (stream.writable) stream.write(frame + '\n')
    },
    onFrame: listener => listeners.push(listener),
    onClose: listener => stream.once('close', listener),
    buffered: () => stream.writableLength,
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    close: () => stream.end(() => stream.destroy())
  }
}
