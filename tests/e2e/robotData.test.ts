import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseFile, openSuite, root, skipReason, type Suite } from './support.ts'

const file = resolve(root, '../shared/datasets/cs285-hopper-expert-v4.hdf5')
const reason = skipReason ?? (existsSync(file) ? null : 'no ../shared/datasets')

describe.skipIf(reason !== null)(`a robot's dataset seen${reason ? ` (SKIPPED: ${reason})` : ''}`, () => {
  let suite: Suite
  let page: Page

  beforeAll(async () => {
    suite = await openSuite()
    page = suite.page
  })
  afterAll(() => suite?.close())

  test('the import says which variant repeats the recorded steps', async () => {
    await page.goto(`${new URL(page.url()).origin}/#/datasets/import`)
    await chooseFile(page, file)
    await page.getByText(/^Dynamics match v4/).waitFor({ timeout: 60_000 })
    await page
      .getByText(/is simulated as hopper-v4/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByRole('tab', { name: 'Episodes' }).waitFor({ timeout: 60_000 })
  })

  test('the dataset keeps the check, and runs it again', async () => {
    const table = page.getByRole('table', { name: 'One-step errors of each variant' })
    await table.getByRole('rowheader', { name: 'Hopper v4' }).waitFor()
    expect(await table.getByRole('row').count()).toBe(4)
    await page.getByRole('button', { name: 'Check again' }).click()
    await page.getByText(/^Dynamics match v4/).waitFor()
  })

  test('a brush selects episodes, numbers do so too, and it can be cleared', async () => {
    const bars = page.getByRole('img', { name: /^Episodes by return/ })
    const box = (await bars.boundingBox())!
    await page.mouse.move(box.x + 2, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2, { steps: 4 })
    await page.mouse.up()
    const selected = page.getByRole('status').filter({ hasText: 'of 2 episodes' })
    await selected.getByText('1 of 2 episodes (50 %)').waitFor()
    await page.getByLabel('Highest return').fill('100000')
    await page.getByLabel('Highest return').press('Enter')
    await selected.getByText('2 of 2 episodes (100 %)').waitFor()
    await page.getByLabel('Lowest return').fill('90000')
    await page.getByLabel('Lowest return').press('Enter')
    await selected.getByText('0 of 2 episodes').waitFor()
    await selected.getByRole('button', { name: 'Clear' }).click()
    await selected.waitFor({ state: 'detached' })
  })

  test('episodes replay as rollouts do, several together', async () => {
    await page.getByRole('tab', { name: 'Episodes' }).click()
    const replay = page.locator('div[aria-label="Replay"]')
    await replay.waitFor()
    await replay.getByText('episode 0', { exact: true }).first().waitFor()
    await replay.getByRole('button', { name: /^Play/ }).click()
    const grid = page.getByRole('grid', { name: 'Episodes' })
    for (const box of await grid.getByRole('row').getByRole('checkbox').all())
      if (!(await box.isChecked())) await box.click()
    await replay.getByText('episode 1', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Open on the replay page' }).click()
    await page.waitForURL(/#\/replay\?tracks=data/)
    await page
      .locator('div[aria-label="Replay"]')
      .getByText(/episode 1/)
      .first()
      .waitFor()
  })

  test('nothing was blocked, logged as an error, or asked from elsewhere', () => {
    expect(suite.faults).toEqual([])
  })
})
