import { describe, expect, test } from 'vitest'
import { awr } from '../../../src-main/algorithms/awr.ts'
import { bc } from '../../../src-main/algorithms/bc.ts'
import { filteredBc } from '../../../src-main/algorithms/filteredBc.ts'
import { iql } from '../../../src-main/algorithms/iql.ts'
import { engines } from '../../../src-main/compute/index.ts'
import { crossroadsView, returnFromStart } from './crossroadsRuns.ts'

// Op by op 18 trainings would take an hour; the engines are compared elsewhere.
const onnx = engines.find(engine => engine.id === 'onnx')
const info = await onnx?.describe()
const absent = info?.available ? '' : ` (SKIPPED: ${info?.reason ?? 'there is no onnx engine'})`
const seeds = [0, 1, 2]
const view = crossroadsView()

describe.skipIf(absent !== '')(
  `Crossroads: return from S, 3 seeds x 100 episodes${absent}`,
  { timeout: 600_000 },
  () => {
    test('the data: 200 episodes, mean return 0.352, none from S to the goal', () => {
      expect(view.episodes).toHaveLength(200)
      expect(view.episodes.reduce((sum, { rawReturn }) => sum + rawReturn, 0) / 200).toBeCloseTo(0.352, 6)
      const { observations } = view.columns
      const fromS = view.episodes.filter(({ firstRow }) => observations.data[2 * firstRow] < -0.5)
      expect(fromS.length).toBe(160)
      expect(Math.max(...fromS.map(({ rawReturn }) => rawReturn))).toBeCloseTo(0.4, 6)
    })

    test('IQL with a high expectile stitches its way to the goal', async () => {
      for (const seed of seeds) {
        const value = await returnFromStart(
          onnx!,
          iql,
          { expectile: 0.9, inverseTemperature: 20 },
          view,
          seed
        )
        expect(value, `seed ${seed}`).toBeGreaterThanOrEqual(0.95)
      }
    })

    test('IQL with expectile 0.5 improves on the behaviour only', async () => {
      for (const seed of seeds) {
        const value = await returnFromStart(
          onnx!,
          iql,
          { expectile: 0.5, inverseTemperature: 20 },
          view,
          seed
        )
        expect(value, `seed ${seed}`).toBeLessThanOrEqual(0.55)
      }
    })

    test('AWR finds the consolation; behaviour cloning stays below it in every seed', async () => {
      for (const seed of seeds) {
        const settings = { temperature: 0.05, standardiseAdvantage: false }
        const weighted = await returnFromStart(onnx!, awr, settings, view, seed)
        expect(weighted, `AWR, seed ${seed}`).toBeGreaterThanOrEqual(0.37)
        expect(weighted, `AWR, seed ${seed}`).toBeLessThanOrEqual(0.43)
        const cloned = await returnFromStart(onnx!, bc, {}, view, seed)
        expect(cloned, `BC, seed ${seed}`).toBeLessThanOrEqual(0.36)
        expect(cloned, `BC, seed ${seed}`).toBeLessThan(weighted)
      }
    })

    test('filtered BC on positive returns finds the consolation, on the best 20 % nothing', async () => {
      for (const seed of seeds) {
        const positive = { keep: 'return', minimumReturn: 0.1 } as const
        const value = await returnFromStart(onnx!, filteredBc, positive, view, seed)
        expect(value, `return > 0, seed ${seed}`).toBeGreaterThanOrEqual(0.38)
        expect(value, `return > 0, seed ${seed}`).toBeLessThanOrEqual(0.42)
        const best = { keep: 'episodes', episodeShare: 0.2 } as const
        expect(
          await returnFromStart(onnx!, filteredBc, best, view, seed),
          `best 20 %, seed ${seed}`
        ).toBeLessThanOrEqual(0.05)
      }
    })
  }
)
