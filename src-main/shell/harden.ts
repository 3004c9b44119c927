import type { App, Session, WebContents } from 'electron'
import { pageOrigin } from './sender.ts'

/** Denies every permission, device and request that leaves the app's own scheme. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}))
  session.setSpellCheckerEnabled(false) // its dictionaries would be fetched over the network
  session.webRequest.onBeforeRequest((details, answer) => {
    const own = details.url.startsWith(`${pageOrigin}/`) || details.url.startsWith('devtools://')
    answer({ cancel: !own })
  })
}

/** Denies navigation, new windows and embedded views to every page there will ever be. */
export function hardenContents(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    refuse(contents)
  })
}

function refuse(contents: WebContents): void {
  contents.on('will-navigate', event => event.preventDefault())
  contents.on('will-redirect', event => event.preventDefault())
  contents.on('will-frame-navigate', event => event.preventDefault())
  contents.on('will-attach-webview', event => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}
