import type { WebContents, WebFrameMain } from 'electron'

/** Origin of the page in the desktop host. */
export const pageOrigin = 'app://stitchwork'

/** The parts of an IPC event that say who sent it. */
export interface Sender {
  readonly sender: Pick<WebContents, 'id' | 'mainFrame'>
  readonly senderFrame: Pick<WebFrameMain, 'parent' | 'origin' | 'url' | 'detached'> | null
}

/**
 * True when a message comes from the top frame of the given window and that frame shows the app's own page.
 * Origins are compared whole: `app://stitchwork.example` and `app://stitchwork:1` are others.
 */
export function isOwnPage(
  event: Sender,
  windowContents: Pick<WebContents, 'id' | 'mainFrame'> | null
): boolean {
  const frame = event.senderFrame
  if (windowContents === null || frame === null) return false
  return (
    event.sender.id === windowContents.id &&
    frame === windowContents.mainFrame &&
    frame.parent === null &&
    !frame.detached &&
    frame.origin === pageOrigin &&
    frame.url.startsWith(`${pageOrigin}/`)
  )
}
