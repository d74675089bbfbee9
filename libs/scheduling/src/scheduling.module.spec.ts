import { describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { eventually } from '#libs/testing';
import { SchedulerLife, SchedulerWorld } from '../test/scheduler.world.js';
import { SchedulingModule } from './scheduling.module.js';

describe('SchedulingModule', () => {
  it('acts from the start of the application to its end', async () => {
    const world = new SchedulerWorld();
    const life = new SchedulerLife(world);
    const app = await NestFactory.createApplicationContext(SchedulingModule.register(life.options), {
      logger: false,
    });
    const roomId = await world.newRoom();
    await world.startQuestion(roomId);
    await eventually(() => world.of('question:closed').length === 1);
    await app.close();
    const callsAtEnd = life.calls.length;
    // Another owner does what is left to do; the first one is silent.
    const next = await NestFactory.createApplicationContext(
      SchedulingModule.register(new SchedulerLife(world).options),
      { logger: false },
    );
    await world.startQuestion(roomId);
    await eventually(() => world.of('question:closed').length === 2);
    await next.close();
    expect(life.calls).toHaveLength(callsAtEnd);
  });
});
