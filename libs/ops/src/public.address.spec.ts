import { describe, expect, it } from '@jest/globals';
import { isPublicAddress, webhookProblemOf } from './public.address.js';

describe('a public address', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.8.8.8',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::7f00:1',
    '::a00:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'localhost',
    '',
  ])('%p is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('the URL of a webhook', () => {
  it.each([
    'http://quiz.example.com/',
    'https://10.0.0.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::7f00:1]/',
  ])('%s is refused', (url) => {
    expect(webhookProblemOf(new URL(url))).toMatch(/https|internal/);
  });

  it.each(['https://quiz.example.com/', 'https://8.8.8.8/', 'https://localhost/'])('%s is not', (url) => {
    expect(webhookProblemOf(new URL(url))).toBeUndefined();
  });
});
