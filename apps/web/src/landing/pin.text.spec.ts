import { describe, expect, it } from '@jest/globals';
import { isPin, pinDigits, spacedPin } from './pin.text.js';

describe('a typed PIN', () => {
  it.each([
    ['123456', '123456'],
    [' 012 345\n', '012345'],
    ['123-456', '123456'],
    ['1234567', '123456'],
    ['http://192.168.1.7:3000/play/654321', '654321'],
    ['https://quiz.example/play/654321?x=1', '654321'],
    ['', ''],
    ['abc', ''],
  ])('%j is %j', (typed, pin) => expect(pinDigits(typed)).toBe(pin));

  it('is one only when it is whole', () => {
    expect([isPin('12345'), isPin('123456'), isPin('1234567')]).toEqual([false, true, false]);
  });

  it('is shown in two groups, also while it is typed, and read back the same', () => {
    expect(['', '1', '123', '1234', '123456'].map(spacedPin)).toEqual(['', '1', '123', '123 4', '123 456']);
    expect(pinDigits(spacedPin('001200'))).toBe('001200');
  });
});
