import type { PieceMap } from '#renderer/engine/piece-maps.ts'
import type { PieceColours } from './piece-colours.ts'
import {
  cellOf,
  firstPieceOf,
  lastPieceOf,
  levelOf,
  LOOK,
  lookOf,
  lookOfRun,
  type PieceLayout,
} from './piece-layout.ts'

const NOT_DRAWN = -1

/** A canvas of piece cells that remembers what it shows: `paint` touches only the cells that look different. */
export class PiecePainting {
  readonly #context: CanvasRenderingContext2D
  readonly #layout: PieceLayout
  readonly #colours: PieceColours
  readonly #scale: number
  readonly #drawn: Int32Array
  #version = -1

  /** @param scale device pixels per CSS pixel */
  constructor(canvas: HTMLCanvasElement, layout: PieceLayout, colours: PieceColours, scale: number) {
    this.#context = canvas.getContext('2d', { alpha: true })!
    this.#layout = layout
    this.#colours = colours
    this.#scale = scale
    this.#drawn = new Int32Array(layout.cells).fill(NOT_DRAWN)
    canvas.width = Math.round(layout.columns * layout.pitch * scale)
    canvas.height = Math.round(layout.rows * layout.pitch * scale)
  }

  /** @returns how many cells were drawn */
  paint(map: PieceMap): number {
    const isNext = map.version === this.#version + 1
    this.#version = map.version
    let count = 0
    if (isNext && map.changed) {
      for (const piece of map.changed) if (this.#paintIfDirty(map, cellOf(this.#layout, piece))) count++
      return count
    }
    // A version was missed, or availability is new: then every cell may look different.
    for (let cell = 0; cell < this.#layout.cells; cell++) if (this.#paintIfDirty(map, cell)) count++
    return count
  }

  #paintIfDirty(map: PieceMap, cell: number): boolean {
    const availability = map.availability.length === map.pieceCount ? map.availability : undefined
    const look = lookOfRun(map.states, availability, firstPieceOf(this.#layout, cell), lastPieceOf(this.#layout, cell))
    if (look === this.#drawn[cell]) return false
    this.#drawn[cell] = look
    this.#paintCell(cell, look)
    return true
  }

  /** Step lines in the gaps, where a file ends inside the grid. */
  paintBorders(firstPieces: Iterable<number>): void {
    const { columns, pitch, perCell, rows } = this.#layout
    this.#context.fillStyle = this.#colours['text-2']
    const line = (x: number, y: number, width: number, height: number) => {
      const [left, top] = [this.#at(x), this.#at(y)]
      this.#context.fillRect(
        left,
        top,
        Math.max(1, this.#at(x + width) - left),
        Math.max(1, this.#at(y + height) - top),
      )
    }
    for (const piece of firstPieces) {
      const cell = Math.floor(piece / perCell)
      if (cell === 0) continue
      const x = (cell % columns) * pitch
      const y = Math.floor(cell / columns) * pitch
      if (x > 0) {
        line(x - 1, y - 1, 1, pitch)
        if (y + pitch < rows * pitch) line(0, y + pitch - 1, x, 1)
      }
      if (y > 0) line(x, y - 1, columns * pitch - x, 1)
    }
  }

  #at(cssPixels: number): number {
    return Math.round(cssPixels * this.#scale)
  }

  #paintCell(cell: number, look: number): void {
    const { columns, pitch } = this.#layout
    const x = this.#at((cell % columns) * pitch)
    const y = this.#at(Math.floor(cell / columns) * pitch)
    const width = this.#at(((cell % columns) + 1) * pitch - 1) - x
    const height = this.#at((Math.floor(cell / columns) + 1) * pitch - 1) - y
    this.#context.clearRect(x, y, width, height)
    paintLook(this.#context, look, { x, y, width, height }, this.#colours, this.#scale)
  }
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Below this many device pixels a mark inside a cell is not readable: the cell takes its colour instead. */
const ROOM_FOR_MARKS = 6

/** Draws one cell; also the swatches of the legend. */
export function paintLook(
  context: CanvasRenderingContext2D,
  look: number,
  box: Box,
  colours: PieceColours,
  scale: number,
): void {
  const isSmall = Math.min(box.width, box.height) < ROOM_FOR_MARKS
  const level = levelOf(look)
  switch (lookOf(look)) {
    case LOOK.have:
      return fill(context, box, colours.have)
    case LOOK.heat:
      return fill(context, box, colours[`heat-${level as 1 | 2 | 3 | 4 | 5}`])
    case LOOK.none:
      return ring(context, box, colours.error, isSmall ? 1 : 2 * scale)
    case LOOK.outline:
      return ring(context, box, colours['rule-strong'], scale)
    case LOOK.requested: {
      ring(context, box, colours.down, isSmall ? 1 : scale)
      const side = Math.max(1, Math.round(Math.min(box.width, box.height) * 0.25))
      const x = box.x + Math.round((box.width - side) / 2)
      const y = box.y + Math.round((box.height - side) / 2)
      return fill(context, { x, y, width: side, height: side }, colours.down)
    }
    case LOOK.arriving: {
      ring(context, box, colours.down, isSmall ? 1 : scale)
      return rise(context, box, level / 15, colours.down)
    }
    case LOOK.partly:
      fill(context, box, colours.well)
      return rise(context, box, level / 15, colours.have)
    case LOOK.verifying:
      if (isSmall) return fill(context, box, colours.work)
      ring(context, box, colours.work, scale)
      return diagonals(context, box, colours.work, 1.2 * scale, 3 * scale)
    case LOOK.again:
      if (isSmall) return fill(context, box, colours.error)
      ring(context, box, colours.error, scale)
      return cross(context, box, colours.error, 1.5 * scale)
    case LOOK.skipped:
      return isSmall
        ? fill(context, { ...box, width: 1 }, colours['rule-strong'])
        : strokes(context, colours['rule-strong'], scale, [
            [box.x + scale, box.y + box.height, box.x + box.width, box.y + scale],
          ])
  }
}

function fill(context: CanvasRenderingContext2D, { x, y, width, height }: Box, colour: string): void {
  context.fillStyle = colour
  context.fillRect(x, y, width, height)
}

function rise(context: CanvasRenderingContext2D, box: Box, part: number, colour: string): void {
  const height = Math.max(1, Math.round(box.height * part))
  fill(context, { ...box, y: box.y + box.height - height, height }, colour)
}

function ring(context: CanvasRenderingContext2D, box: Box, colour: string, line: number): void {
  context.strokeStyle = colour
  context.lineWidth = line
  context.strokeRect(box.x + line / 2, box.y + line / 2, box.width - line, box.height - line)
}

function diagonals(context: CanvasRenderingContext2D, box: Box, colour: string, line: number, step: number): void {
  context.save()
  context.beginPath()
  context.rect(box.x, box.y, box.width, box.height)
  context.clip()
  const lines: [number, number, number, number][] = []
  for (let at = step; at < box.width + box.height; at += step) {
    lines.push([box.x + at - box.height, box.y + box.height, box.x + at, box.y])
  }
  strokes(context, colour, line, lines)
  context.restore()
}

function cross(context: CanvasRenderingContext2D, box: Box, colour: string, line: number): void {
  const inset = Math.round(Math.min(box.width, box.height) * 0.25)
  const [left, top, right, bottom] = [
    box.x + inset,
    box.y + inset,
    box.x + box.width - inset,
    box.y + box.height - inset,
  ]
  strokes(context, colour, line, [
    [left, top, right, bottom],
    [right, top, left, bottom],
  ])
}

function strokes(
  context: CanvasRenderingContext2D,
  colour: string,
  line: number,
  lines: readonly (readonly [number, number, number, number])[],
): void {
  context.strokeStyle = colour
  context.lineWidth = line
  context.beginPath()
  for (const [fromX, fromY, toX, toY] of lines) {
    context.moveTo(fromX, fromY)
    context.lineTo(toX, toY)
  }
  context.stroke()
}
