import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import { fromScalar } from '../../../src-preload/contract/values.ts'
import { formatNumber } from '../../charts/format.ts'
import { byteText } from '../../ui/bytes.ts'
import type { GridColumn } from '../../ui/gridRows.ts'
import { actionText, countText } from './words.ts'

/** Columns of the list of datasets. */
export const datasetColumns: readonly GridColumn<Dataset>[] = [
  { key: 'name', title: 'Name', width: 190, grow: 3, value: row => row.name },
  {
    key: 'environment',
    title: 'Environment',
    width: 96,
    grow: 1,
    value: row => row.environmentId ?? '',
    format: row => row.environmentId ?? 'none known',
    help: 'Where policies trained on it can be evaluated'
  },
  {
    key: 'episodes',
    title: 'Episodes',
    width: 76,
    align: 'right',
    value: row => row.episodes,
    format: row => countText(row.episodes)
  },
  {
    key: 'transitions',
    title: 'Transitions',
    width: 88,
    align: 'right',
    value: row => row.transitions,
    format: row => countText(row.transitions)
  },
  {
    key: 'observations',
    title: 'Observations',
    width: 98,
    align: 'right',
    value: row => row.observationShape.reduce((product, size) => product * size, 1),
    format: row => row.observationShape.join(' × '),
    help: 'Numbers in one observation'
  },
  {
    key: 'actions',
    title: 'Actions',
    width: 96,
    value: row => actionText(row.actionSpace),
    help: 'Components of a continuous action, or number of choices'
  },
  {
    key: 'meanReturn',
    title: 'Mean return',
    width: 86,
    align: 'right',
    value: row => fromScalar(row.meanReturn),
    format: row => (row.hasRewards ? formatNumber(fromScalar(row.meanReturn)) : 'no rewards'),
    help: 'Mean sum of rewards of an episode'
  },
  {
    key: 'bestReturn',
    title: 'Best return',
    width: 82,
    align: 'right',
    value: row => fromScalar(row.bestReturn),
    format: row => (row.hasRewards ? formatNumber(fromScalar(row.bestReturn)) : 'no rewards')
  },
  {
    key: 'size',
    title: 'Size',
    width: 70,
    align: 'right',
    value: row => row.sizeBytes,
    format: row => byteText(row.sizeBytes)
  },
  {
    key: 'added',
    title: 'Added',
    width: 100,
    value: row => row.createdAt,
    format: row => new Date(row.createdAt).toLocaleDateString([], { dateStyle: 'medium' })
  }
]
