import { describe, expect, it, vi } from 'vitest'
import type { FrameBridge } from '../../src-preload/contract/ipcPort.ts'

const electron = vi.hoisted(() => {
  const listeners: ((event: unknown, frame: unknown) => void)[] = []
  return {
    exposed: new Map<string, unknown>(),
    channels: [] as string[],
    sent: [] as unknown[][],
    deliver: (frame: unknown) => listeners.forEach(listener => listener({ sender: 'secret' }, frame)),
    listeners
  }
})
vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, value: unknown) => electron.exposed.set(name, value) },
  ipcRenderer: {
    send: (...values: unknown[]) => electron.sent.push(values),
    on: (channel: string, listener: (event: unknown, frame: unknown) => void) => {
      electron.channels.push(channel)
      electron.listeners.push(listener)
    }
  }
}))
await import('../../src-preload/index.ts')
const bridge = electron.exposed.get('stitchwork') as FrameBridge

describe('preload', () => {
  it('puts one bridge with two functions on the page, on one fixed channel', () => {
    expect([...electron.exposed.keys()]).toEqual(['stitchwork'])
    expect(Object.keys(bridge)).toEqual(['send', 'onFrame'])
    bridge.send('frame')
    bridge.onFrame(() => undefined)
    expect(electron.sent.splice(0)).toEqual([['stitchwork', 'frame']])
    expect(electron.channels).toEqual(['stitchwork'])
  })

  it('sends text only, whatever the page passes', () => {
    for (const value of [{ a: 1 }, 7, null, undefined]) bridge.send(value as unknown as string)
    for (const [, value] of electron.sent.splice(0)) expect(typeof value).toBe('string')
  })

  it("gives the page frames without Electron's event, and drops what is not text", () => {
    const seen: unknown[][] = []
    bridge.onFrame((...values) => seen.push(values))
    electron.deliver('one')
    electron.deliver({ not: 'text' })
    electron.deliver(undefined)
    expect(seen).toEqual([['one']])
  })

  it('acknowledges what the page has taken, some 64 kB at a time', () => {
    electron.listeners.splice(0)
    electron.sent.splice(0)
    bridge.onFrame(() => undefined)
    for (let i = 0; i < 20; i++) electron.deliver('x'.repeat(10_000))
    const acknowledged = electron.sent.map(([, count]) => count as number)
    expect(acknowledged.length).toBeLessThan(5)
    expect(acknowledged.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(200_000 - 64 * 1024)
    for (const count of acknowledged) expect(count).toBeGreaterThanOrEqual(64 * 1024)
  })
})
