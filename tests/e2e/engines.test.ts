import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readInstalled, tensorflowFolder } from '../../src-main/compute/tensorflow/location.ts'
import { openSuite, removeHome, skipReason, type Suite } from './support.ts'

const wheelName = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl'
const skipped = skipReason ? ` (SKIPPED: ${skipReason})` : ''

/** A host with an engines folder of its own, and a place with a wheel that is none. */
function folders() {
  const scratch = mkdtempSync(join(tmpdir(), 'stitchwork-e2e-engines-'))
  const engines = join(scratch, 'engines')
  mkdirSync(engines)
  writeFileSync(join(scratch, wheelName), 'no zip file')
  return { scratch, engines, environment: { STITCHWORK_ENGINES: engines, TMPDIR: scratch } }
}

async function measure(page: Page, network: string): Promise<void> {
  await page.getByLabel('Network and batch size').click()
  await page.getByRole('option', { name: network }).click()
  await page.getByRole('button', { name: 'Measure now' }).click()
  await page.getByRole('progressbar', { name: 'Measuring' }).waitFor()
  await page.getByRole('button', { name: 'Measure now' }).waitFor({ timeout: 180_000 })
}

describe.skipIf(skipReason !== null)(`the page of engines${skipped}`, () => {
  const { scratch, environment } = folders()
  let suite: Suite
  let page: Page

  beforeAll(async () => {
    const look = { width: 1024, height: 700, colorScheme: 'dark' } as const
    suite = await openSuite({ environment, look })
    page = suite.page
  })
  afterAll(async () => {
    await suite?.close()
    removeHome(scratch)
  })

  test('is two keys away and says what is here and what could be', async () => {
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    const list = page.getByRole('list', { name: 'Engines', exact: true })
    await list.getByText('Compiled (ONNX Runtime)', { exact: true }).waitFor()
    expect(await list.getByRole('listitem').count()).toBeGreaterThan(2)
    await page.getByText('Nothing has been measured yet.').waitFor()
  })

  test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
    'a wheel that is none is refused by name, and nothing is left behind',
    async () => {
      await page.getByText('Add the TensorFlow engine').waitFor()
      await page.getByRole('button', { name: 'Take wheel files instead' }).click()
      const files = page.getByRole('grid', { name: 'Files' })
      await files.getByText(scratch, { exact: true }).dblclick()
      await files.getByText(wheelName, { exact: true }).dblclick()
      await page.getByRole('button', { name: 'Install from these files' }).click()
      const alert = page.getByRole('alert').filter({ hasText: 'The install failed' })
      await alert.waitFor({ timeout: 60_000 })
      expect(await alert.innerText()).toContain(wheelName)
      await page.getByRole('button', { name: `Leave out ${wheelName}` }).click()
      await page.getByRole('button', { name: 'Download and install' }).waitFor()
    }
  )

  test('measures on demand and keeps the result', async () => {
    await measure(page, '2 × 64, batch 256')
    const table = page.getByRole('table', { name: 'Measured speeds' })
    const row = table.getByRole('row').filter({ hasText: '2 × 64, batch 256' })
    expect(await row.innerText()).toMatch(/\d \/s/)
    await page.reload()
    await row.waitFor()
    expect(await row.innerText()).toContain('1.00 ×')
  })

  test('settings and the train page lead to it', async () => {
    const origin = new URL(page.url()).origin
    await page.goto(`${origin}/#/settings`)
    await page.locator('main').getByRole('link', { name: 'Engines' }).click()
    await page.getByRole('heading', { name: 'Measured on this machine' }).waitFor()
  })

  test('nothing was blocked, logged as an error, or asked from elsewhere', () => {
    expect(suite.faults).toEqual([])
  })
})

const installed = readInstalled()
const noEngine = 'installed' in installed ? null : installed.reason
const skipTwo = skipReason ?? noEngine

describe.skipIf(skipTwo !== null)(
  `runs that leave the engine to us${skipTwo ? ` (SKIPPED: ${skipTwo})` : ''}`,
  () => {
    const { scratch, engines, environment } = folders()
    let suite: Suite
    let page: Page

    beforeAll(async () => {
      symlinkSync(tensorflowFolder(), join(engines, 'tensorflow'))
      suite = await openSuite({ environment })
      page = suite.page
    })
    afterAll(async () => {
      await suite?.close()
      removeHome(scratch)
    })

    test('measure the engines once, train with the fastest, and say so', async () => {
      await page.getByRole('button', { name: 'Make the Crossroads demonstrations' }).click()
      await page.getByText('Crossroads demonstrations').first().waitFor()
      await page.goto(`${new URL(page.url()).origin}/#/train`)
      await page.getByRole('button', { name: /^Behaviour cloning/ }).click()
      await page.getByText('Measured once for each algorithm and network').waitFor()
      const card = page.getByRole('region', { name: 'Behaviour cloning' })
      await card.locator('button.title').click()
      const closed = card.locator('h4 button[aria-expanded="false"]')
      while ((await closed.count()) > 0) await closed.first().click()
      for (const [label, value] of Object.entries({ 'Gradient steps': '200', 'Hidden layers': '16, 16' }))
        await card.getByLabel(label, { exact: true }).fill(value)
      await page.getByLabel('Seeds', { exact: true }).fill('0-1')
      await page.getByRole('button', { name: 'Start 2 runs' }).click()
      const grid = page.getByRole('grid', { name: 'Runs' })
      await expect
        .poll(() => grid.getByText('Finished', { exact: true }).count(), { timeout: 200_000 })
        .toBe(2)
      await grid.getByText('BC, seed 1').click()
      await page.getByRole('tab', { name: 'Log' }).click()
      await page.getByText(/^Engine \w+: the fastest here for this network: .*onnx .*tensorflow /).waitFor()
      await page.getByRole('tab', { name: 'Configuration' }).click()
      await page.getByText('float32', { exact: true }).waitFor()
      await page.goto(`${new URL(page.url()).origin}/#/engines`)
      const table = page.getByRole('table', { name: 'Measured speeds' })
      await table.getByRole('row').filter({ hasText: 'BC 2 × 16' }).waitFor()
      expect(await table.locator('tbody tr').count()).toBe(1)
    })

    test('nothing was blocked, logged as an error, or asked from elsewhere', () => {
      expect(suite.faults).toEqual([])
    })
  }
)
