import { UserError } from '../base/errors.ts'

/** Why the TensorFlow engine cannot be installed on this kind of machine; null when it can. */
export function unsupportedReason(
  machine: { platform: string; arch: string } = { platform: process.platform, arch: process.arch }
): string | null {
  if (machine.platform === 'linux' && machine.arch === 'x64') return null
  return (
    `the TensorFlow engine can be installed on 64-bit x86 Linux only, and this is ${machine.platform} on ${machine.arch}; ` +
    'the other engines train here without it'
  )
}

/** @throws UserError('unsupported') */
export function requireSupported(): void {
  const reason = unsupportedReason()
  if (reason !== null) throw new UserError('unsupported', reason)
}
