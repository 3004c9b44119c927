/** Whether the processor draws WebGL in this window; null until a context was asked. */
let known: boolean | null = null

/** Whether a context is drawn by the processor, for which smooth edges and fine pixels cost more than they give. */
export function isSoftware(context: WebGL2RenderingContext): boolean {
  if (known !== null) return known
  const details = context.getExtension('WEBGL_debug_renderer_info')
  const name = String(context.getParameter(details?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER))
  known = /swiftshader|llvmpipe|software/i.test(name)
  return known
}

/**
 * A context on a canvas. It is opaque: a page pays for what it has to blend.
 * @param smooth edges are smoothed
 * @throws Error where the browser gives none
 */
export function contextOn(canvas: HTMLCanvasElement, smooth: boolean): WebGL2RenderingContext {
  const context = canvas.getContext('webgl2', {
    ...{ alpha: false, antialias: smooth },
    powerPreference: 'high-performance'
  })
  if (context === null) throw new Error('the browser gives no WebGL context')
  return context
}

/**
 * A context on a canvas of its own, smooth unless the processor draws. Which of both it is takes a context to ask, and a context
 * costs longer than the rest of opening a replay: the one that was asked is used where it can be.
 * @throws Error where the browser gives none
 */
export function openContext(): WebGL2RenderingContext {
  const asked = contextOn(document.createElement('canvas'), known === false)
  if (known === false || isSoftware(asked)) return asked
  asked.getExtension('WEBGL_lose_context')?.loseContext()
  return contextOn(document.createElement('canvas'), true)
}
