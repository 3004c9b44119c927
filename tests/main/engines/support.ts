import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-engines-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What the engine can be installed on; elsewhere the tests that do it are skipped. */
export const elsewhere = process.platform !== 'linux' || process.arch !== 'x64'
export const where = elsewhere ? ' (SKIPPED: it is for 64-bit x86 Linux)' : ''

/** Waits that only count. */
export function countedWaits() {
  const pauses: number[] = []
  return { pauses, wait: async (ms: number) => void pauses.push(ms) }
}

/**
 * A stand-in for the C++ compiler, as `CXX` for the length of the test: it writes its arguments into its output.
 * @param script what it does when it builds; `$out` is the output's path
 * @param check what it does with a program on its standard input
 */
export function fakeCompiler(script = 'echo "$@" > "$out"', knowsStandard = true, check = 'exit 0'): void {
  const path = join(temporaryFolder(), 'cxx')
  const lines = [
    '#!/bin/sh',
    'case "$*" in',
    '  *--version*) echo "cxx 13.2.0"; exit 0;;',
    `  *-fsyntax-only*" -") ${check};;`,
    `  *-fsyntax-only*) exit ${knowsStandard ? 0 : 1};;`,
    'esac',
    'out=; last=; for word in "$@"; do [ "$last" = -o ] && out="$word"; last="$word"; done',
    script
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  chmodSync(path, 0o755)
  setVariable('CXX', path)
}

/** An environment variable for the length of the test. */
export function setVariable(name: string, value: string): void {
  vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
}

/** What a promise is rejected with. */
export async function problemOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing was wrong',
    (error: unknown) => (error as Error).message
  )
}
