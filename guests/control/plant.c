/* The control loop's arithmetic, in single precision on the VFP. */
#include "plant.h"

#define RESISTANCE 1.0f    /* Ω */
#define INDUCTANCE 0.0005f /* H */
#define CONSTANT   0.05f   /* V·s/rad, and N·m/A */
#define INERTIA    0.0002f /* kg·m² */
#define FRICTION   0.0001f /* N·m·s/rad */
#define SUPPLY     24.0f   /* V */
#define SUBSTEPS   96

#define KP 20.0f
#define KI 40.0f
#define KD 0.6f

/** Euler steps, short against the winding's time constant of half a millisecond. */
void plant_advance(struct plant *plant, float voltage, float seconds) {
  float step = seconds / SUBSTEPS;
  for (int i = 0; i < SUBSTEPS; i++) {
    float slope = (voltage - RESISTANCE * plant->current - CONSTANT * plant->speed) / INDUCTANCE;
    float acceleration = (CONSTANT * plant->current - FRICTION * plant->speed) / INERTIA;
    plant->angle += plant->speed * step;
    plant->speed += acceleration * step;
    plant->current += slope * step;
  }
}

static float limit(float value, float bound) { return value > bound ? bound : value < -bound ? -bound : value; }

float controller_update(struct controller *controller, float setpoint, float angle, float seconds) {
  float error = setpoint - angle;
  float rate = (angle - controller->last_angle) / seconds; /* of the angle: a step of the setpoint makes no kick */
  controller->last_angle = angle;
  float voltage = KP * error + KI * controller->integral - KD * rate;
  float applied = limit(voltage, SUPPLY);
  if (voltage == applied) controller->integral += error * seconds; /* anti-windup: hold it while saturated */
  return applied;
}
