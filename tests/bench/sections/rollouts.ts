import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRollout } from '../../../src-main/training/rolloutFiles.ts'
import { encodeColumn } from '../../../src-preload/contract/values.ts'
import type { Bench } from '../bench.ts'
import { median, rounded, type Table } from '../figures.ts'
import { type RobotEvaluation, robotEvaluation } from '../robotEvaluation.ts'

const robots = ['halfcheetah-v2', 'ant-v5']
const algorithms = ['bc', 'iql']
const kept = 4

/** Ten episodes of a robot as a run evaluates them, beside their simulation alone, and what a kept rollout costs. */
export async function rollouts(bench: Bench): Promise<Table[]> {
  const costs: (string | number)[][] = []
  const files: (string | number)[][] = []
  const notes = [
    `Ten episodes through an untrained 2x256 policy as a run evaluates them on one thread; processor time against the simulation of the same number of steps. With ${kept} rollouts kept: with their values and files.`
  ]
  for (const robot of robots)
    for (const algorithm of algorithms) {
      const reason = bench.outOfTime()
      if (reason !== null) {
        notes.push(`${robot}, ${algorithm}: SKIPPED, ${reason}`)
        continue
      }
      const folder = mkdtempSync(join(tmpdir(), 'stitchwork-bench-'))
      try {
        const evaluation = await robotEvaluation(robot, algorithm, folder)
        const name = `${robot}, ${algorithm}`
        costs.push([name, ...(await costOf(bench, evaluation))])
        files.push([name, ...(await filesOf(evaluation))])
        await evaluation.close()
      } finally {
        rmSync(folder, { recursive: true })
      }
    }
  return [
    {
      title: 'Evaluating robots as runs do',
      columns: ['', 'episodes/s', 'to the simulation alone', `with ${kept} kept`],
      rows: costs,
      notes
    },
    {
      title: 'Kept rollouts',
      columns: ['', 'steps', 'kB', 'opened in ms', 'frame, kB'],
      rows: files,
      notes: ['Opened: read, decoded and encoded as the page gets it.']
    }
  ]
}

async function costOf(bench: Bench, evaluation: RobotEvaluation): Promise<(string | number)[]> {
  await evaluation.play(0)
  const rounds = []
  for (let round = 0; round < bench.options.rounds; round++) {
    const began = performance.now()
    const plain = await evaluation.play(0)
    const seconds = (performance.now() - began) / 1e3
    const keeping = await evaluation.play(kept)
    const bare = evaluation.simulate()
    rounds.push({ rate: 10 / seconds, plain: plain / bare, keeping: keeping / bare })
  }
  return [
    rounded(median(rounds.map(({ rate }) => rate))),
    `${median(rounds.map(({ plain }) => plain)).toFixed(2)} x`,
    `${median(rounds.map(({ keeping }) => keeping)).toFixed(2)} x`
  ]
}

async function filesOf({ file }: RobotEvaluation): Promise<number[]> {
  const times: number[] = []
  let frame = 0
  let steps = 0
  for (let i = 0; i < 5; i++) {
    const began = performance.now()
    const stored = await readRollout(file)
    const { observations, actions, rewards, q, v, advantage, positions } = stored
    const columns = [observations, actions, rewards, q, v, advantage, positions]
    frame = JSON.stringify(columns.map(column => column && encodeColumn(column.data, column.shape))).length
    times.push(performance.now() - began)
    steps = rewards.data.length
  }
  return [steps, rounded(statSync(file).size / 1e3), rounded(median(times)), rounded(frame / 1e3)]
}
