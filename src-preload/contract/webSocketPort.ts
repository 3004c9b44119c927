import type { Port } from './frames.ts'

/**
 * The page's end of the serve host's channel. The token goes first; frames sent before the socket is open wait for it.
 * @param url `ws://host:port/contract`
 * @param token the one-time token of the address that the host printed
 */
export function webSocketPort(url: string, token: string): Port {
  const socket = new WebSocket(url)
  const early: string[] = [token]
  socket.addEventListener('open', () => {
    for (const frame of early.splice(0)) socket.send(frame)
  })
  return {
    send(frame) {
      if (socket.readyState === WebSocket.CONNECTING) early.push(frame)
      else if (socket.readyState === WebSocket.OPEN) socket.send(frame)
    },
    onFrame: listener => socket.addEventListener('message', event => listener(String(event.data))),
    onClose: listener => socket.addEventListener('close', () => listener(), { once: true }),
    buffered: () => socket.bufferedAmount,
    close: () => socket.close()
  }
}
