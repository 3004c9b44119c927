import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../src-main/cli/index.ts'
import { collectOptions } from '../../../src-main/collect/learners.ts'

const home = mkdtempSync(join(tmpdir(), 'stitchwork-collect-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

function sink() {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString()
      done()
    }
  })
  return { stream, text: () => text }
}

async function stitchwork(...argv: string[]) {
  const [out, notes] = [sink(), sink()]
  const streams = { stdout: out.stream, stderr: notes.stream }
  const code = await runCommandLine([...argv, '--home', home], streams)
  return { code, out: out.text(), notes: notes.text() }
}

describe('collect make', () => {
  it('makes random data without a behaviour, also of discrete actions', async () => {
    const words = ['collect', 'make', '--random', '--transitions', '1000', '--seed', '3', '--json']
    for (const environment of ['pendulum', 'cartpole']) {
      const { code, out } = await stitchwork(...words, '--environment', environment)
      expect(code).toBe(0)
      const { datasets } = JSON.parse(out) as { datasets: { name: string; transitions: number }[] }
      expect(datasets).toMatchObject([{ name: `${environment} random` }])
      expect(datasets[0].transitions).toBeGreaterThanOrEqual(1000)
    }
    expect((await stitchwork('collect', 'list')).out).toContain('no behaviours yet')
  })

  it.each([
    [['--random'], 'say where: --random --environment hopper-v2'],
    [['--random', 'a', '--environment', 'pendulum'], '--random needs no behaviour and no tiers'],
    [['a', '--environment', 'pendulum'], '--environment goes with --random'],
    [[], 'name a behaviour'],
    [['a', '--tiers', 'best'], '"best" is no tier; choose from random, medium'],
    [['pendulum-ppo-seed0'], 'there is no behaviour "pendulum-ppo-seed0"'],
    [['--random', '--environment', 'moon'], 'there is no environment "moon"; there are crossroads,']
  ])('says what is wrong with %o', async (words, sentence) => {
    const { code, notes } = await stitchwork('collect', 'make', ...words)
    expect(code).not.toBe(0)
    expect(notes).toContain(sentence)
  })
})

describe('what can be collected from', () => {
  it('offers learners for continuous actions only', () => {
    const { environments } = collectOptions()
    const learnersOf = (id: string) =>
      environments.find(candidate => candidate.id === id)!.learners.map(l => l.id)
    expect(learnersOf('hopper-v2')).toContain('ppo')
    expect(learnersOf('cartpole')).toEqual([])
    expect(learnersOf('crossroads-grid')).toEqual([])
  })
})
