import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freeLock, isLocked, takeLock } from '../../../src-main/base/processLock.ts'

function lockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'lock')
}

describe('a lock', () => {
  it('keeps others out until it is freed', () => {
    const path = lockPath()
    expect(takeLock(path)).toBeNull()
    expect(takeLock(path)).toBe(process.pid)
    expect(isLocked(path)).toBe(true)
    freeLock(path)
    expect(isLocked(path)).toBe(false)
    expect(takeLock(path)).toBeNull()
  })

  it('of a process that has ended, or of another one with its number, is taken over', () => {
    const path = lockPath()
    writeFileSync(path, JSON.stringify({ pid: 2 ** 30, started: null }))
    expect(isLocked(path)).toBe(false)
    expect(takeLock(path)).toBeNull()
    writeFileSync(path, JSON.stringify({ pid: process.pid, started: 'another start' }))
    expect(takeLock(path)).toBeNull()
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid })
  })

  it('without a name is respected while its holder may still write it, and taken over afterwards', () => {
    const path = lockPath()
    writeFileSync(path, '')
    expect(takeLock(path)).toBe(0)
    const then = new Date(Date.parse(new Date().toISOString()) - 60_000)
    utimesSync(path, then, then)
    expect(takeLock(path)).toBeNull()
  })
})
