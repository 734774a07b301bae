"""The person in charge of an event, and handing the event over to another coordinator."""
