/** The answer of this window; asking takes a context of its own, which costs longer than the rest of opening a replay. */
let known: boolean | null = null

/**
 * Whether WebGL is drawn by the processor here, where smooth edges and fine pixels cost more than they give.
 * False where there is no WebGL at all.
 */
export function drawsInSoftware(): boolean {
  if (known !== null) return known
  const context = document.createElement('canvas').getContext('webgl2')
  if (context === null) return false
  const details = context.getExtension('WEBGL_debug_renderer_info')
  const name = String(context.getParameter(details?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER))
  context.getExtension('WEBGL_lose_context')?.loseContext()
  known = /swiftshader|llvmpipe|software/i.test(name)
  return known
}
