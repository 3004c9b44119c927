import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readGif, readPng, readZip } from './films.ts'
import { fillSettings, openSuite, runCommand, skipReason, type Suite } from './support.ts'

const short = {
  'Gradient steps': '300',
  'Evaluate every': '100',
  'Evaluation episodes': '6',
  'Rollouts kept': '3',
  'Log every': '50',
  'Batch size': '64',
  'Hidden layers': '16, 16'
}

const at = async (page: Page): Promise<string> =>
  (await page.locator('output.at').innerText()).replace(/\s+/g, ' ')
const pressed = (page: Page, name: string): Locator =>
  page.getByRole('button', { name, exact: true, pressed: true })
const place = (page: Page): string => decodeURIComponent(new URL(page.url()).hash)

describe.skipIf(skipReason !== null)(
  `policies under one clock${skipReason ? ` (SKIPPED: ${skipReason})` : ''}`,
  () => {
    let suite: Suite
    let page: Page

    beforeAll(async () => {
      suite = await openSuite()
      page = suite.page
      await page.getByRole('button', { name: 'Make the Crossroads demonstrations' }).click()
      await page.getByText('Crossroads demonstrations').first().waitFor()
      await page.getByRole('link', { name: 'Train', exact: true }).click()
      for (const name of ['Behaviour cloning', 'Implicit Q-learning']) {
        await page.getByRole('button', { name: new RegExp(`^${name}`) }).click()
        await fillSettings(page, name, short)
      }
      await page.getByLabel('Seeds', { exact: true }).fill('0')
      await page.getByRole('button', { name: 'Start 2 runs' }).click()
      const finished = page.getByRole('grid', { name: 'Runs' }).getByText('Finished', { exact: true })
      await finished.nth(1).waitFor({ timeout: 180_000 })
    })
    afterAll(() => suite?.close())

    test('a click on a learning curve opens the rollouts of the nearest evaluation', async () => {
      await page.getByRole('grid', { name: 'Runs' }).getByText('IQL, seed 0').click()
      const chart = page.getByRole('region', { name: /^Return reward/ })
      await chart.locator('canvas').waitFor()
      const box = await chart.locator('.chart-overlay').boundingBox()
      if (!box) throw new Error('the chart has no size')
      // The axis begins at 0 and points stand at 100, 200 and 300: a little right of the first one.
      await page.mouse.click(box.x + 52 + 0.4 * (box.width - 64), box.y + box.height / 2)
      await page.locator('button[aria-current=\"true\"]', { hasText: '100' }).waitFor()
      expect(place(page)).toMatch(/tab=rollouts&step=1\d\d/)
      await page.getByRole('img', { name: 'Map with 3 paths' }).waitFor()
      await page.getByText('Every track has a start of its own').waitFor()
    })

    test('the keyboard opens them too, from the chart’s own button', async () => {
      await page.getByRole('tab', { name: 'Charts' }).click()
      await page.getByRole('button', { name: 'Show the rollouts behind Return' }).focus()
      await page.keyboard.press('Enter')
      await page.locator('button[aria-current=\"true\"]', { hasText: '300' }).waitFor()
    })

    test('one start is shown through the training, in full size', async () => {
      await page.getByRole('button', { name: 'One start through training' }).click()
      await page.getByRole('list', { name: 'Tracks' }).getByText('step 200').waitFor()
      await page.getByRole('button', { name: 'Full size' }).click()
      await page.getByRole('heading', { name: 'Replay' }).waitFor()
      await page.getByText('All from the same start.').waitFor()
      expect(place(page)).toMatch(
        /^#\/replay\?tracks=run\.[^.]+\.100\.0,run\.[^.]+\.200\.0,run\.[^.]+\.300\.0$/
      )
    })

    test('tracks are chosen: both runs, the last evaluation, the same start', async () => {
      await page.goto(`${new URL(page.url()).origin}/#/replay`)
      for (const name of ['IQL · seed 0', 'BC · seed 0']) {
        await page
          .getByRole('combobox', { name: 'Add a track' })
          .or(page.getByRole('button', { name: 'Add a track' }))
          .first()
          .click()
        await page.getByRole('option', { name }).first().click()
        await page.getByRole('list', { name: 'Tracks' }).getByText(name).waitFor()
      }
      await page.getByText('All from the same start.').waitFor()
      await page.getByRole('combobox', { name: 'Episode of all tracks' }).click()
      await page.getByRole('option', { name: 'Start 2' }).click()
      await expect.poll(() => place(page)).toMatch(/last\.1,run\.[^.]+\.last\.1/)
      await page.getByRole('button', { name: 'Tracks' }).click()
    })

    test('it plays, pauses, steps, jumps and loops by keys', async () => {
      // A button pressed by pointer does not keep the key from the replay.
      await page.getByRole('button', { name: 'One step on' }).click()
      await page.keyboard.press('Home')
      expect(await at(page)).toMatch(/^0 of/)
      await page.keyboard.press(' ')
      await expect.poll(() => at(page)).not.toMatch(/^0 /)
      await page.keyboard.press(' ')
      await page.getByRole('button', { name: 'Play' }).waitFor()
      await page.keyboard.press('Home')
      await page.keyboard.press('ArrowRight')
      expect(await at(page)).toMatch(/^1 of/)
      await page.keyboard.press('Shift+ArrowRight')
      expect(await at(page)).toMatch(/^11 of|^(\d+) of \1$/)
      await page.keyboard.press('l')
      await pressed(page, 'Loop').waitFor()
      await page.keyboard.press('l')
      await page.keyboard.press('End')
      expect(await at(page)).toMatch(/^(\d+) of \1$/)
      await page.keyboard.press('Home')
    })

    test('scrubbing moves clock, picture and cursor', async () => {
      const scrubber = page.getByRole('slider', { name: 'Clock' })
      const box = await scrubber.boundingBox()
      if (!box) throw new Error('the scrubber has no size')
      const head = page.locator('svg.map circle.head').first()
      const before = await head.getAttribute('cy')
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
      expect(await at(page)).not.toMatch(/^0 /)
      expect(await head.getAttribute('cy')).not.toBe(before)
      const lines = page.locator('.strip .cursor')
      await expect.poll(() => lines.count()).toBeGreaterThan(3)
      const lefts = await Promise.all((await lines.all()).map(line => line.getAttribute('style')))
      expect(new Set(lefts).size).toBe(1)
    })

    test('a pointer in a strip borrows the cursor, a click takes the clock there', async () => {
      await page.keyboard.press('Home')
      const strip = page.getByRole('region', { name: 'Reward' }).locator('.chart-overlay')
      const box = await strip.boundingBox()
      if (!box) throw new Error('the strip has no size')
      const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
      await page.mouse.move(middle.x, middle.y)
      await expect.poll(() => at(page)).not.toMatch(/^0 /)
      await page.mouse.move(box.x + box.width / 2, box.y - 60)
      await expect.poll(() => at(page)).toMatch(/^0 /)
      await page.mouse.click(middle.x, middle.y)
      await page.mouse.move(box.x + box.width / 2, box.y - 60)
      await expect.poll(() => at(page)).not.toMatch(/^0 /)
    })

    test('the parting of the two is marked, and leads there', async () => {
      await page.keyboard.press('Home')
      const mark = page.getByRole('button', { name: /^BC · seed 0 parts from IQL · seed 0 at step \d+$/ })
      const step = /step (\d+)/.exec((await mark.getAttribute('aria-label')) ?? '')?.[1]
      await mark.click()
      expect(await at(page)).toMatch(new RegExp(`^${step} of`))
      await page.keyboard.press('Home')
      await page.keyboard.press('n')
      expect(await at(page)).toMatch(new RegExp(`^${step} of`))
    })

    test('under progress both end together; layout and clock are part of the address', async () => {
      await page.keyboard.press('x')
      await pressed(page, 'Progress').waitFor()
      await page.keyboard.press('End')
      expect(await at(page)).toMatch(/^100\.0 % of 100 %$/)
      await page.getByRole('button', { name: 'Side by side' }).click()
      await expect.poll(() => page.getByRole('img', { name: 'Map with 1 paths' }).count()).toBe(2)
      await expect.poll(() => place(page)).toMatch(/clock=progress/)
      expect(place(page)).toMatch(/layout=side-by-side/)
      await page.reload()
      await pressed(page, 'Progress').waitFor()
      await expect.poll(() => page.getByRole('img', { name: 'Map with 1 paths' }).count()).toBe(2)
    })

    test('maps are saved as films that play, one for all and side by side', async () => {
      await pressed(page, 'Side by side').waitFor()
      // Steps have no seconds: ten a second.
      await filmsPlay(page, () => framesTo(page, 4, 10, 5))
      const apart = await save(page, 'png')
      await page.getByRole('button', { name: 'Ghosts' }).click()
      const together = await save(page, 'png')
      expect(readPng(together.bytes)).toEqual({ width: 640, height: 360 })
      const floor = [244, 244, 245]
      const [two, one] = await Promise.all([apart, together].map(({ bytes }) => pixelsOf(page, bytes, floor)))
      expect(one).toBeGreaterThan(10_000)
      expect(two).not.toBe(one)
      const svg = (await save(page, 'svg')).bytes.toString('utf8')
      expect(svg).toMatch(/^<svg .*<polyline .*>BC · seed 0<.*<\/svg>$/s)
    })

    test('keys of the replay are among the listed keys', async () => {
      await page.keyboard.press('?')
      await page.getByText('Next place where two policies part').waitFor()
      await page.keyboard.press('Escape')
    })

    test('the comparison follows a click on its curves', async () => {
      await page.goto(`${new URL(page.url()).origin}/#/compare`)
      await page.getByRole('img', { name: 'Map with 2 paths' }).waitFor()
      await page.getByRole('button', { name: 'Show the rollouts behind Return' }).click()
      await page.getByRole('combobox', { name: 'Evaluation of all groups' }).getByText('Step 300').waitFor()
    })

    test('nothing was blocked, logged as an error, or asked from elsewhere', () => {
      expect(suite.faults).toEqual([])
    })
  }
)

/** Size of a film as a browser plays it, in a blank page, because the workbench's own may not load data. */
async function playedSize(page: Page, address: string): Promise<string> {
  const other = await page.context().newPage()
  try {
    await other.setContent(`<video src="${address}"></video>`)
    const size = (): Promise<string> =>
      other.evaluate<string>("(v => v.videoWidth + ' x ' + v.videoHeight)(document.querySelector('video'))")
    await expect.poll(size).not.toBe('0 x 0')
    return await size()
  } finally {
    await other.close()
  }
}

/** Goes to a place of the page that is open. */
const show = (page: Page, hash: string): Promise<unknown> =>
  page.evaluate(`location.hash = ${JSON.stringify(hash)}`)

/** Saves what the replay shows as a file. */
async function save(page: Page, format: string, fill: () => Promise<void> = () => Promise.resolve()) {
  await page.getByRole('button', { name: 'Save film or picture' }).click()
  await page.getByLabel('Format').selectOption(format)
  await page.getByLabel('Size').selectOption('640x360')
  await fill()
  const arrival = page.waitForEvent('download', { timeout: 120_000 })
  await page.getByRole('button', { name: 'Save file' }).click()
  const download = await arrival
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
}

/** Sets a film's end and pace, which give five frames. */
async function framesTo(page: Page, step: number, framesPerSecond: number, frames: number): Promise<void> {
  await page.getByLabel('To step').fill(String(step))
  await page.getByLabel('Frames a second').fill(String(framesPerSecond))
  await page.getByText(new RegExp(`^${frames} frames`)).waitFor()
}

/** Saves five frames in every moving format and reads the files. */
async function filmsPlay(page: Page, fiveFrames: () => Promise<void>): Promise<void> {
  const webm = await save(page, 'webm', fiveFrames)
  expect(webm.name).toMatch(/\.webm$/)
  expect(webm.bytes.subarray(0, 4).toString('hex')).toBe('1a45dfa3')
  const video = `data:video/webm;base64,${webm.bytes.toString('base64')}`
  expect(await playedSize(page, video)).toBe('640 x 360')
  const gif = await save(page, 'gif', fiveFrames)
  expect(readGif(gif.bytes)).toEqual({ frames: 5, width: 640, height: 360 })
  const frames = await save(page, 'frames', fiveFrames)
  expect(readZip(frames.bytes)).toHaveLength(5)
}

/** How many pixels of a picture have a colour, as a browser decodes it. */
async function pixelsOf(page: Page, png: Buffer, colour: readonly number[]): Promise<number> {
  const other = await page.context().newPage()
  try {
    await other.setContent(`<img src="data:image/png;base64,${png.toString('base64')}">`)
    // As text: these tests know no page of their own.
    return await other.evaluate<number>(`(async () => {
      const image = document.querySelector('img')
      await image.decode()
      const context = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d')
      context.drawImage(image, 0, 0)
      const { data } = context.getImageData(0, 0, image.naturalWidth, image.naturalHeight)
      let count = 0
      for (let i = 0; i < data.length; i += 4)
        if (${JSON.stringify(colour)}.every((value, c) => Math.abs(value - data[i + c]) <= 3)) count++
      return count
    })()`)
  } finally {
    await other.close()
  }
}

/** Of each step, by episode: the best is 3, the lower median 4, the worst 6. */
const rewards = [1, 0.5, 2, 9, 0.9, 3, -1, 0.8]

/** Made-up rows of a robot whose name is in the file's: 11 numbers seen, 3 torques, a reward. */
function hopperRows(): string {
  const numbers = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${name}:${i}`)
  const head = ['episode', 'step', ...numbers('observation', 11), ...numbers('action', 3)]
  const rows = Array.from({ length: 400 }, (_, t) => {
    const values = Array.from({ length: 14 }, (_, i) => Math.sin(0.7 * t + i).toFixed(4))
    const episode = Math.floor(t / 50)
    return [episode, t % 50, ...values, rewards[episode], 0, t % 50 === 49 ? 1 : 0].join(',')
  })
  return [[...head, 'reward', 'terminated', 'truncated'].join(','), ...rows].join('\n')
}

describe.skipIf(skipReason !== null)(
  `robots under one clock${skipReason ? ` (SKIPPED: ${skipReason})` : ''}`,
  () => {
    let suite: Suite
    let page: Page
    let ids: string[]

    beforeAll(async () => {
      const home = mkdtempSync(join(tmpdir(), 'stitchwork-e2e-'))
      const file = join(home, 'hopper-v4.csv')
      writeFileSync(file, hopperRows())
      const run = (...line: string[]): string => runCommand(home, ...line)
      run('import', file, '--name', 'rows')
      const settings = [
        'gradientSteps=60',
        'evalEvery=30',
        'evalEpisodes=3',
        'keepRollouts=2',
        'batchSize=32'
      ]
      run(
        ...['train', '-d', 'rows', '-a', 'bc', '-s', '0-1'],
        ...settings.flatMap(setting => ['--set', setting])
      )
      ids = (JSON.parse(run('--json', 'runs')) as { id: string }[]).map(entry => entry.id)
      suite = await openSuite({ home, webgl: true })
      page = suite.page
      await page.getByRole('link', { name: 'Replay' }).waitFor()
      const tracks = ids.map(id => `run.${id}.last.0`).join(',')
      await page.goto(`${new URL(page.url()).origin}/#/replay?tracks=${tracks}`)
    })
    afterAll(() => suite?.close())

    test('two policies stand side by side from one start, in a picture of the robot', async () => {
      await page.getByText('All from the same start.').waitFor()
      await pressed(page, 'Side by side').waitFor()
      await page.locator('.robots').waitFor()
      await expect.poll(() => page.locator('.robots').locator('canvas, svg').count()).toBeGreaterThan(0)
      await page.getByText('a joint or place differs by more than').waitFor()
    })

    test('the clock counts the robot’s seconds, and ended episodes say how they ended', async () => {
      await page.getByRole('button', { name: 'Time', exact: true }).click()
      await page.keyboard.press('ArrowRight')
      expect(await at(page)).toMatch(/^0\.01 s of \d/)
      await page.getByRole('combobox', { name: 'Speed' }).getByText('1×').waitFor()
      await page.keyboard.press('End')
      await page
        .getByText(/^fell at step \d+$/)
        .first()
        .waitFor()
      await page.keyboard.press('v')
      await pressed(page, 'Ghosts').waitFor()
      await page
        .getByText(/^fell at step \d+$/)
        .first()
        .waitFor()
    })

    test('an episode of the data is added, by its place or its number', async () => {
      const tracks = page.getByRole('list', { name: 'Tracks' })
      await page.getByRole('button', { name: 'Tracks', exact: true }).click()
      await page
        .getByRole('combobox', { name: 'Add a track' })
        .or(page.getByRole('button', { name: 'Add a track' }))
        .first()
        .click()
      await page.getByRole('option', { name: /^rows/ }).click()
      await tracks.getByText('rows, episode 0').waitFor()
      await page.getByRole('button', { name: /^The best episode of rows/ }).click()
      await tracks.getByText('rows, episode 3').waitFor()
      // Whichever answer comes first, what was asked for last is shown.
      await page.getByRole('button', { name: /^The worst episode of rows/ }).click()
      await page.getByRole('spinbutton', { name: /^Episode of rows/ }).fill('5')
      await page.keyboard.press('Enter')
      await tracks.getByText('rows, episode 5').waitFor()
      await page.getByRole('button', { name: /^The median episode of rows/ }).click()
      await tracks.getByText('rows, episode 4').waitFor()
      await page.getByRole('button', { name: /^Remove rows/ }).click()
      await expect.poll(() => tracks.getByRole('listitem').count()).toBe(2)
      await page.getByRole('button', { name: 'Tracks', exact: true }).click()
    })

    test('films are saved as files that play', async () => {
      // 10 steps of 0.008 s in real time, both ends included.
      await filmsPlay(page, () => framesTo(page, 10, 50, 5))
    })

    test('pictures of a moment are saved, and show the robot', async () => {
      const png = await save(page, 'png')
      expect(readPng(png.bytes)).toEqual({ width: 640, height: 360 })
      const svg = (await save(page, 'svg')).bytes.toString('utf8')
      expect(svg).toMatch(/^<svg .*<line .*<\/svg>$/s)
    })

    test('a rollout whose file is broken is one sentence, and the others play', async () => {
      const [first, second] = ids
      const folder = join(suite.host.home, 'runs', second ?? '', 'rollouts')
      const file = readdirSync(folder).sort().at(-2) ?? ''
      writeFileSync(join(folder, file), readFileSync(join(folder, file)).subarray(0, 900))
      const both = [first, second].map(id => `run.${id}.last.0`).join(',')
      await show(page, '/runs')
      await page.reload()
      await show(page, `/replay?tracks=${both}`)
      await page.getByText(/^This rollout cannot be read: tensor \w+ does not fit/).waitFor()
      await expect
        .poll(() => page.getByRole('list', { name: 'Tracks' }).getByRole('listitem').count())
        .toBe(1)
      await show(page, `/replay?tracks=run.${second}.last.0`)
      await page.getByRole('heading', { name: 'Nothing to replay' }).waitFor()
      await show(page, `/replay?tracks=run.${first}.last.0`)
      await page.getByRole('list', { name: 'Tracks' }).getByText('BC').waitFor()
    })

    test('nothing was blocked, logged as an error, or asked from elsewhere', () => {
      expect(suite.faults).toEqual([])
    })
  }
)
