import type { Port } from './frames.ts'

/** Close code of the serve host for a socket without the right token. */
export const refusedCode = 4403

/**
 * The page's end of the serve host's channel. The token goes first; frames sent before the socket is open wait for it.
 * @param url `ws://host:port/contract`
 * @param token the token in the fragment of the address that the host printed
 * @param options.onRefused called when the host does not accept the token: its address is out of date
 * @param options.socket an unopened socket to that address; programs other than browsers make their own, with an Origin
 */
export function webSocketPort(
  url: string,
  token: string,
  options: { readonly onRefused?: () => void; readonly socket?: WebSocket } = {}
): Port {
  const socket = options.socket ?? new WebSocket(url)
  socket.addEventListener('close', event => {
    if (event.code === refusedCode) options.onRefused?.()
  })
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
