import { expect, test } from 'vitest'
import { toastShown, toastsSlice, torrentsAdded } from './toasts-slice.ts'

const textsAfter = (...actions: Parameters<typeof toastsSlice.reducer>[1][]) =>
  actions.reduce(toastsSlice.reducer, toastsSlice.getInitialState()).map(note => note.text)

test('torrents added one after the other are one piece of news', () => {
  expect(textsAfter(torrentsAdded(1, 'Sintel'))).toEqual(['Added Sintel'])
  expect(textsAfter(torrentsAdded(1, 'Sintel'), torrentsAdded(1, 'Metropolis'), torrentsAdded(3))).toEqual([
    'Added 5 torrents',
  ])
})

test('the same words again are one message, and errors outlive plain notes', () => {
  const error = toastShown('Disk full', 'error')
  const notes = ['a', 'b', 'b', 'c'].map(text => toastShown(text))
  expect(textsAfter(error, ...notes)).toEqual(['Disk full', 'b', 'c'])
})
