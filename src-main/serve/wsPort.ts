import type { WebSocket } from 'ws'
import type { Port } from '../../src-preload/contract/frames.ts'

/** A client that lets this much pile up is not reading; it is dropped, and asks again from its cursor if it lives. */
const maxBufferedBytes = 16 * 1024 * 1024
const pingEveryMs = 30_000

/** The host's end of a WebSocket: text frames only, dropped when it does not read or does not answer pings. */
export function wsPort(socket: WebSocket): Port {
  let answered = true
  const heartbeat = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, pingEveryMs)
  heartbeat.unref()
  socket.on('pong', () => (answered = true))
  socket.on('close', () => clearInterval(heartbeat))
  return {
    send(frame) {
      if (socket.readyState !== socket.OPEN) return
      socket.send(frame)
      if (socket.bufferedAmount > maxBufferedBytes) socket.terminate()
    },
    onFrame: listener =>
      void socket.on('message', (data, isBinary) => {
        if (isBinary) socket.close(1003, 'text frames only')
        else listener((data as Buffer).toString('utf8'))
      }),
    onClose: listener => void socket.once('close', listener),
    buffered: () => socket.bufferedAmount,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.close(1008)
  }
}
