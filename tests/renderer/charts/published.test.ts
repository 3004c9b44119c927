import { describe, expect, it } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import type { PublishedScore } from '../../../src-preload/contract/compare.ts'
import { publishedLines, usePublished } from '../../../src-renderer/charts/usePublished.ts'
import { fakeClient } from '../support.ts'

const score = (more: Partial<PublishedScore>): PublishedScore => ({
  datasetId: 'd1',
  dataset: 'hopper-medium-v2',
  same: true,
  algorithm: 'iql',
  score: 67.53,
  deviation: 3.78,
  source: 'CORL',
  citation: 'CORL, README (https://github.com/corl-team/CORL)',
  ...more
})
const iql = new Map([['iql', { title: 'IQL', colour: '#123456' }]])

describe('publishedLines', () => {
  it('draws the algorithms in view with their source', () => {
    const { references, note } = publishedLines([score({}), score({ algorithm: 'bc', score: 53.51 })], iql)
    expect(references).toEqual([{ label: 'IQL, CORL', value: 67.53, colour: '#123456' }])
    expect(note).toContain('https://github.com/corl-team/CORL')
    expect(note).not.toContain('not this data')
  })

  it('says when the scores are of other data, and names the data sets where there are several', () => {
    const { references, note } = publishedLines(
      [score({ same: false }), score({ dataset: 'hopper-medium-replay-v2', score: 97.43 })],
      iql
    )
    expect(references.map(({ label }) => label)).toEqual([
      'IQL on hopper-medium-v2, CORL',
      'IQL on hopper-medium-replay-v2, CORL'
    ])
    expect(note).toContain("D4RL's hopper-medium-v2, which is not this data")
  })

  it('says in the label that one score is of other data', () => {
    const [line] = publishedLines([score({ same: false })], iql).references
    expect(line?.label).toBe('IQL on D4RL’s data, CORL')
  })

  it('is empty where nothing is published', () => {
    expect(publishedLines([], iql)).toEqual({ references: [], note: '' })
  })
})

describe('usePublished', () => {
  it('asks for the datasets in view, once for the same ones', async () => {
    const asked: string[][] = []
    const client = fakeClient({
      compare: {
        published: ({ datasetIds }: { datasetIds: string[] }) => {
          asked.push(datasetIds)
          return Promise.resolve(datasetIds.map(datasetId => score({ datasetId })))
        }
      }
    })
    const ids = shallowRef(['d1', 'd1'])
    const fail = (error: unknown) => {
      throw error
    }
    const lines = usePublished(
      client,
      () => ids.value,
      () => iql,
      fail
    )
    await nextTick()
    expect(lines.value.references).toHaveLength(1)
    ids.value = ['d1']
    await nextTick()
    ids.value = []
    await nextTick()
    expect(asked).toEqual([['d1']])
    expect(lines.value.references).toEqual([])
  })
})
