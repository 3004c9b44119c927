/** zrender clears its root with innerHTML = ''; nothing else may be written as HTML. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string | null }): unknown
}
const { trustedTypes } = globalThis as unknown as { trustedTypes?: TrustedTypes }
trustedTypes?.createPolicy('default', { createHTML: text => (text === '' ? '' : null) })
