import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lineLog } from '../../../src-main/base/log.ts'
import { withSession, type CommandContext } from '../../../src-main/cli/command.ts'
import type { Output } from '../../../src-main/cli/output.ts'
import { joinHost, type Session } from '../../../src-main/cli/session.ts'

let home = ''
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'stitchwork-session-'))))
afterEach(() => rmSync(home, { recursive: true, force: true }))

interface Command {
  readonly context: CommandContext
  readonly controller: AbortController
  readonly notes: string[]
}

function command(onNote: () => void = () => undefined): Command {
  const controller = new AbortController()
  const notes: string[] = []
  const output: Output = {
    json: false,
    result: () => undefined,
    note: text => {
      notes.push(text)
      onNote()
    },
    progress: () => undefined
  }
  const log = lineLog(() => undefined)
  return { controller, notes, context: { home, output, log, signal: controller.signal } }
}

async function joined(): Promise<Session> {
  const session = await joinHost(home)
  if (session === null) throw new Error('no host answers')
  return session
}

describe('a command that is the host of others', () => {
  it('stays until the last of them has ended', async () => {
    let other: Session | null = null
    let answered = 0
    const first = command(() => {
      // The first command has finished its own work and says that it waits; the other one still works.
      void other?.client.datasets.list({}).then(async datasets => {
        answered = datasets.length + 1
        await other?.close()
      })
    })
    await withSession(first.context, async () => {
      other = await joined()
    })
    expect(answered).toBe(1)
    expect(first.notes.join('')).toContain('other commands work through this one')
  })

  it('ends at once at Ctrl+C', async () => {
    let other: Session | null = null
    const first = command(() => first.controller.abort())
    await withSession(first.context, async () => {
      other = await joined()
    })
    await expect((other as Session | null)?.client.datasets.list({})).rejects.toThrow(/connection/)
  })

  it('says nothing when it is alone', async () => {
    const first = command()
    await withSession(first.context, session => session.client.datasets.list({}))
    expect(first.notes).toEqual([])
  })
})
