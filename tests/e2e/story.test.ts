import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseFile, fillSettings, openSuite, root, skipReason, type Suite } from './support.ts'

const shared = resolve(root, '../shared/datasets')
const pendulum = join(shared, 'minari/pendulum/mixed-v0/data/main_data.hdf5')

const short = {
  'Gradient steps': '400',
  'Evaluate every': '200',
  'Log every': '50',
  'Batch size': '64',
  'Hidden layers': '16, 16'
}

describe.skipIf(skipReason !== null)(
  `from nothing to a comparison${skipReason ? ` (SKIPPED: ${skipReason})` : ''}`,
  () => {
    let suite: Suite
    let page: Page

    beforeAll(async () => {
      suite = await openSuite()
      page = suite.page
    })
    afterAll(() => suite?.close())

    test('an empty home leads to the first dataset', async () => {
      await page.getByRole('button', { name: 'Make the Crossroads demonstrations' }).click()
      await page.getByText('Crossroads demonstrations').first().waitFor()
      await page.goto(`${new URL(page.url()).origin}/#/datasets`)
      await page.getByRole('grid', { name: 'Datasets' }).getByText('Crossroads demonstrations').waitFor()
      expect(page.url()).not.toContain('token')
    })

    test('two algorithms with two seeds are planned and started', async () => {
      await page
        .getByRole('button', { name: 'Train', exact: true })
        .or(page.getByRole('link', { name: 'Train', exact: true }))
        .first()
        .click()
      await page.getByText('Add all that fit').waitFor()
      await page.getByRole('button', { name: /^Behaviour cloning/ }).click()
      await fillSettings(page, 'Behaviour cloning', short)
      await page.getByRole('button', { name: /^Implicit Q-learning/ }).click()
      await fillSettings(page, 'Implicit Q-learning', short)
      await page.getByLabel('Seeds', { exact: true }).fill('0-1')
      await page.getByText('4 runs', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Start 4 runs' }).click()
    })

    test('the run table follows them until they are finished', async () => {
      const grid = page.getByRole('grid', { name: 'Runs' })
      await grid.getByText('IQL, seed 1').waitFor()
      await expect
        .poll(() => grid.getByText('Finished', { exact: true }).count(), { timeout: 180_000 })
        .toBe(4)
    })

    test('a run shows its curves, rollouts, configuration, log and policy', async () => {
      await page.getByRole('grid', { name: 'Runs' }).getByText('IQL, seed 1').click()
      await page.getByRole('heading', { name: 'Return' }).waitFor()
      // Return, score and length; charts further down wait until they are seen.
      await expect.poll(() => page.locator('canvas').count()).toBeGreaterThanOrEqual(3)
      await page.getByRole('tab', { name: 'Rollouts' }).click()
      await page.getByRole('img', { name: /^Map with 4 paths/ }).waitFor()
      await page.getByRole('heading', { name: 'Q of the taken action' }).waitFor()
      await page.getByRole('tab', { name: 'Configuration' }).click()
      await page.getByText('16 × 16').waitFor()
      await page.getByRole('tab', { name: 'Log' }).click()
      await page.getByRole('list', { name: 'Log' }).getByRole('listitem').first().waitFor()
      await page.getByRole('tab', { name: 'Checkpoints and export' }).click()
      await page.getByRole('button', { name: 'Export policy (ONNX)' }).click()
      await page.getByRole('status').filter({ hasText: 'exports folder' }).waitFor()
      expect(existsSync(join(suite.host.home, 'exports'))).toBe(true)
    })

    test('the comparison groups seeds and shows results, differences, rollouts and curves', async () => {
      await page.goto(`${new URL(page.url()).origin}/#/compare`)
      const results = page.getByRole('table').first()
      await results.getByRole('rowheader', { name: 'IQL' }).waitFor()
      expect(await results.getByRole('row').count()).toBe(3)
      await page.getByRole('columnheader', { name: 'Expectile' }).waitFor()
      await page.getByRole('img', { name: /^Map with 2 paths/ }).waitFor()
      await page.getByRole('heading', { name: 'Evaluation' }).scrollIntoViewIfNeeded()
      await page.getByRole('heading', { name: /^Return reward/ }).waitFor()
      // Return, score and length; charts further down wait until they are seen.
      await expect.poll(() => page.locator('canvas').count()).toBeGreaterThanOrEqual(3)
      await page.getByRole('checkbox', { name: 'Compare BC' }).click()
      await expect.poll(() => results.getByRole('row').count()).toBe(2)
    })

    test('a reload of the tab finds everything again', async () => {
      await page.reload()
      await page.getByRole('checkbox', { name: 'Compare BC' }).waitFor()
    })

    test('nothing was blocked, logged as an error, or asked from elsewhere', () => {
      expect(suite.faults).toEqual([])
    })
  }
)

describe.skipIf(skipReason !== null || !existsSync(pendulum))(
  `a file that other software wrote${skipReason ? ` (SKIPPED: ${skipReason})` : existsSync(pendulum) ? '' : ' (SKIPPED: no ../shared/datasets)'}`,
  () => {
    let suite: Suite

    beforeAll(async () => {
      suite = await openSuite({ look: { width: 1024, height: 700, colorScheme: 'dark' } })
    })
    afterAll(() => suite?.close())

    test('shows what it holds before anything is written, then becomes a dataset', async () => {
      const { page } = suite
      await page.getByRole('button', { name: 'Import a file' }).click()
      await chooseFile(page, pendulum)
      await page.getByText('Minari', { exact: false }).first().waitFor()
      await page.getByRole('button', { name: 'Import', exact: true }).click()
      await page.getByRole('tab', { name: 'Episodes' }).waitFor()
      await page.getByRole('tab', { name: 'Episodes' }).click()
      await page.getByRole('grid').first().waitFor()
    })

    test('the unclipped Hopper file says how many rows lie outside the bounds', async () => {
      const { page } = suite
      await page.goto(`${new URL(page.url()).origin}/#/datasets/import`)
      await chooseFile(page, join(shared, 'cs285-hopper-expert-v4.hdf5'))
      await page.getByRole('button', { name: 'Import', exact: true }).waitFor()
      expect(await page.locator('main').innerText()).toMatch(/\d+(\.\d+)? ?%/)
      await page.getByRole('button', { name: 'Import', exact: true }).click()
      await page.getByRole('tab', { name: 'Dimensions' }).waitFor()
    })

    test('nothing was blocked, logged as an error, or asked from elsewhere', () => {
      expect(suite.faults).toEqual([])
    })
  }
)
