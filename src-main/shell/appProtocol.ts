import type { Protocol } from 'electron'
import { pageHeaders, type PageFiles } from '../serve/pageFiles.ts'
import { pageOrigin } from './sender.ts'

/** To be registered before the app is ready: a standard, secure scheme of its own, so that `file:` is never used. */
export const appScheme = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true }
}

/** Serves the built page under `app://stitchwork/`; every other address gets an error. */
export function serveAppProtocol(protocol: Protocol, files: PageFiles): void {
  protocol.handle('app', request => answerAppRequest(request, files))
}

/** One request of the page's scheme: GET of a listed file. */
export function answerAppRequest(request: Pick<Request, 'url' | 'method'>, files: PageFiles): Response {
  if (request.method !== 'GET' || !request.url.startsWith(`${pageOrigin}/`)) return refusal(403)
  const path = request.url.slice(pageOrigin.length).replace(/#.*$/s, '')
  const file = files(path)
  if (file === null) return refusal(404)
  return new Response(new Uint8Array(file.body), { headers: { ...pageHeaders, 'content-type': file.type } })
}

const refusal = (status: number): Response =>
  new Response('', { status, headers: { ...pageHeaders, 'content-type': 'text/plain' } })
