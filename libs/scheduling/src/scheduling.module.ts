import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Scheduler } from './scheduler.js';
import type { SchedulerOptions } from './scheduler.options.js';

/** Runs a scheduler from the start of the application to its end. */
@Module({})
export class SchedulingModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(Scheduler) private readonly scheduler: Scheduler) {}

  static register(options: SchedulerOptions): DynamicModule {
    return {
      module: SchedulingModule,
      providers: [{ provide: Scheduler, useFactory: () => new Scheduler(options) }],
      exports: [Scheduler],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.scheduler.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.scheduler.stop();
  }
}
