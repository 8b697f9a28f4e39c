/* A DC motor that turns a load, and the controller that positions it. */
#ifndef PLANT_H
#define PLANT_H

struct plant {
  float angle;   /* rad */
  float speed;   /* rad/s */
  float current; /* A */
};

/** Let `seconds` pass with `voltage` at the motor. */
void plant_advance(struct plant *plant, float voltage, float seconds);

struct controller {
  float integral, last_angle;
};

/** One period of the PID law: the voltage to apply next. */
float controller_update(struct controller *controller, float setpoint, float angle, float seconds);

#endif
